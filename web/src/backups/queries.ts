import { useQuery } from '@tanstack/react-query'
import { Backups } from '../../../server/src/data/backups/wire.ts'
import { ask } from '../keeper/request.ts'
import { usePolling } from '../keeper/status.ts'

/** While places are being asked, what they told is fetched as soon as it can be there. */
const ASKING_MS = 1_000

export function useBackups() {
  const usual = usePolling()
  return useQuery({
    queryKey: ['backups'],
    queryFn: () => ask(Backups, '/api/backups?soon=true'),
    refetchInterval: query => (query.state.data?.places.some(place => place.asking) ? ASKING_MS : usual),
  })
}
