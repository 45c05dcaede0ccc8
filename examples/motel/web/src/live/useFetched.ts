'use client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { api } from '@/session/api'
import { useEvents, type LiveEvent } from './live'

const GATHER_MS = 150

/** What the API says at this path, asked for again when one of these events happens. */
export function useFetched<T>(path: string, events: LiveEvent[]) {
  const [data, setData] = useState<T>()
  const [error, setError] = useState<string>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const load = useCallback(
    (current: () => boolean = () => true) =>
      api<T>(path).then(
        answer => {
          if (!current()) return
          setData(answer)
          setError(undefined)
        },
        (failure: Error) => current() && setError(failure.message),
      ),
    [path],
  )
  useEffect(() => {
    let wanted = true
    void load(() => wanted)
    return () => {
      wanted = false
      clearTimeout(timer.current)
    }
  }, [load])
  // Many events at once are one question.
  useEvents(events, () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => void load(), GATHER_MS)
  })
  return { data, error, reload: load }
}
