export const roles = ['admin', 'caterer', 'customer'] as const
export type Role = (typeof roles)[number]
