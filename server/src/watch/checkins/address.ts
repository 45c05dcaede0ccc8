/** Where a job calls: the keeper's own port on loopback. */
export const checkinUrl = (apiPort: number, token: string): string =>
  `http://127.0.0.1:${apiPort}/checkin/${token}`
