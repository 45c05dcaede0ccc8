import { useSyncExternalStore } from 'react'

/** `live`: events arrive. `polling`: the keeper answers, but no events arrive. `away`: the keeper does not answer. */
export type ConnectionState = 'joining' | 'live' | 'polling' | 'away'

let state: ConnectionState = 'joining'
let skewMs = 0
const listeners = new Set<() => void>()

function become(next: ConnectionState) {
  if (next === state) return
  state = next
  for (const listener of listeners) listener()
}

export const connection = {
  state: () => state,
  /** Called for each answer of the keeper: even a refusal shows that the keeper runs. */
  heard(answer: Response) {
    const date = Date.parse(answer.headers.get('date') ?? '')
    const skew = date - Date.now()
    if (!Number.isNaN(date)) skewMs = Math.abs(skew) > 2_000 ? skew : 0
    if (state === 'away') become('polling')
  },
  lost: () => become('away'),
  live: () => become('live'),
  broken: () => {
    if (state !== 'away') become('polling')
  },
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}

/** Time by the server's clock, in milliseconds since 1970, so that "12 s ago" is right on a machine with a wrong clock. */
export const serverNow = (): number => Date.now() + skewMs

export const useConnection = (): ConnectionState =>
  useSyncExternalStore(connection.subscribe, connection.state)
