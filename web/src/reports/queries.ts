import { useQuery } from '@tanstack/react-query'
import { Report, type ReportPeriod } from '../../../server/src/watch/reports/wire.ts'
import { ask } from '../keeper/request.ts'

/** It looks at everything, so it is asked again when somebody comes back to it. */
const STALE_MS = 60_000

export const useReport = (period: ReportPeriod) =>
  useQuery({
    queryKey: ['report', period],
    queryFn: () => ask(Report, `/api/report?period=${period}`),
    staleTime: STALE_MS,
  })
