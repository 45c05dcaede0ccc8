import { useState } from 'react'
import { LogLine } from '../../../server/src/watch/logs/wire.ts'
import { useBatch } from '../keeper/batch.ts'
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
