import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { CertificateView } from '../../../server/src/reach/certificates/wire.ts'
import { ask } from '../keeper/request.ts'
import { usePolling } from '../keeper/status.ts'

/** The certificate of an app; null: it asks for none. */
export const useCertificate = (app: string) =>
  useQuery({
    queryKey: ['certificates'],
    queryFn: () => ask(z.array(CertificateView), '/api/certificates'),
    refetchInterval: usePolling(),
    select: all => all.find(one => one.app === app) ?? null,
  })
