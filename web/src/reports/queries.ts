import { useQuery } from '@tanstack/react-query'
import { Report, type ReportPeriod } from '../../../server/src/watch/reports/wire.ts'
import { ask } from '../keeper/request.ts'

/** It looks at everything, so it is asked again when somebody comes back to it. */
const STALE_MS = 60_000
const SOON_MS = 5_000
const MOST_TRIES = 6

export const useReport = (period: ReportPeriod) =>
  useQuery({
    queryKey: ['report', period],
    queryFn: () => ask(Report, `/api/report?period=${period}`),
    staleTime: STALE_MS,
    // What took too long goes on, and has an answer soon.
    refetchInterval: ({ state: { data, dataUpdateCount } }) =>
      data?.sections.some(({ state }) => state === 'unknown') && dataUpdateCount < MOST_TRIES
        ? SOON_MS
        : false,
  })
