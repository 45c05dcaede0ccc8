import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { LogErrors, LogLine } from '../../../server/src/watch/logs/wire.ts'
import { useBatch } from '../keeper/batch.ts'
import { ask } from '../keeper/request.ts'
import { useStream } from '../keeper/stream.ts'

export interface Filter {
  service: string
  release: string
  level: string
  grep: string
}

export interface Shown extends LogLine {
  /** A counter as React key, because two lines may be equal. */
  key: number
}

/** All files of a day are read for it, so it is not asked for with each beat of the page. */
const EVERY_MS = 60_000

/** Errors of the last day, and its lines by level. */
export const useErrors = (app: string) =>
  useQuery({
    queryKey: ['errors', app],
    queryFn: () => ask(LogErrors, `/api/apps/${app}/errors`),
    refetchInterval: EVERY_MS,
  })

const FIRST = 200
const MOST = 1_000

let counter = 0

/** The last lines and new ones, filtered by the keeper. */
export function useLogs(app: string, filter: Filter, follow: boolean) {
  const [lines, setLines] = useState<readonly Shown[]>([])
  const [state, setState] = useState<'opening' | 'open' | 'broken'>('opening')
  const query = new URLSearchParams({ lines: String(FIRST), follow: 'true' })
  for (const [name, value] of Object.entries(filter)) if (value !== '') query.set(name, value)
  const batch = useBatch<Shown>(come => setLines(before => [...before, ...come].slice(-MOST)))
  useStream(follow ? `/api/apps/${app}/logs?${query}` : null, {
    // A reopened stream begins with the last lines again, so the old ones are dropped.
    open: () => {
      batch.drop()
      setLines([])
      setState('open')
    },
    broken: () => setState('broken'),
    message: data => {
      const read = LogLine.safeParse(data)
      if (read.success) batch.add({ ...read.data, key: counter++ })
    },
  })
  return { lines, state }
}
