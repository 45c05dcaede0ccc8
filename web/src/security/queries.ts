import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { SecurityReport } from '../../../server/src/watch/security/wire.ts'
import { ask } from '../keeper/request.ts'

const KEY = ['security']

/** What was found within the last hour. */
export const useSecurity = () =>
  useQuery({ queryKey: KEY, queryFn: () => ask(SecurityReport, '/api/security'), staleTime: 60_000 })

/** Looks now, which takes some seconds. */
export function useLookAgain() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => ask(SecurityReport, '/api/security?again=true'),
    onSuccess: report => client.setQueryData(KEY, report),
  })
}
