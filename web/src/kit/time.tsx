import { useSyncExternalStore } from 'react'
import { serverNow } from '../keeper/connection.ts'
import { coarse, dateTime } from './words.ts'

let second = Math.floor(serverNow() / 1000)
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void) {
  listeners.add(listener)
  timer ??= setInterval(() => {
    second = Math.floor(serverNow() / 1000)
    for (const each of listeners) each()
  }, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** The server's time in milliseconds, updated every second. The whole page shares one timer. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => second) * 1000

/** '12 min ago', with the exact time on hover and for machines. */
export function Ago({ at }: { at: string | number }) {
  const ms = useNow() - new Date(at).getTime()
  return (
    <time dateTime={new Date(at).toISOString()} title={dateTime(at)} className="whitespace-nowrap">
      {ms < 5_000 ? 'just now' : `${coarse(ms)} ago`}
    </time>
  )
}
