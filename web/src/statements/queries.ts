import { useQuery } from '@tanstack/react-query'
import { Statements } from '../../../server/src/watch/statements/wire.ts'
import { ask } from '../keeper/request.ts'

/** What the statements of an app cost. An error where its database is not ours, or does not count. */
export const useStatements = (app: string) =>
  useQuery({
    queryKey: ['statements', app],
    queryFn: () => ask(Statements, `/api/apps/${app}/statements`),
    refetchInterval: 60_000,
    retry: false,
  })
