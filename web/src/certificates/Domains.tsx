import { useState } from 'react'
import type { CertificateView } from '../../../server/src/reach/certificates/wire.ts'
import { PlanDialog } from '../changes/PlanDialog.tsx'
import { Badge, type Tone } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Check, Warn } from '../kit/icons.tsx'
import { useNow } from '../kit/time.tsx'
import { useMay } from '../people/me.ts'
import { useCertificate } from './queries.ts'
import { authorityName, leftOf, nextOf } from './words.ts'

const WORDS = { good: 'good', part: 'not for all', none: 'none yet', over: 'over' } as const
const TONES: Record<CertificateView['state'], Tone> = { good: 'ink', part: 'warn', none: 'warn', over: 'bad' }

/** The domains of an app: which have a certificate, how long it lasts, and what the others wait for. */
export function Domains({ app }: { app: string }) {
  const { data: certificate } = useCertificate(app)
  // An app that asks for none has nothing to show, and a keeper that is away is said above.
  return certificate == null ? null : <Certificate certificate={certificate} />
}

function Certificate({ certificate }: { certificate: CertificateView }) {
  const now = useNow()
  const left = leftOf(certificate, now)
  return (
    <Card title="Domains" aside={<Badge tone={TONES[certificate.state]}>{WORDS[certificate.state]}</Badge>}>
      <ul aria-label="domains">
        {certificate.domains.map(domain => (
          <Domain key={domain.name} {...domain} />
        ))}
      </ul>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t border-line px-4 py-3">
        <div className="min-w-0 flex-1">
          <p className="text-sm text-soft">
            {authorityName(certificate.authority)}: {nextOf(certificate, now)}
          </p>
          {left !== null && <Life left={left} />}
          {certificate.reason !== null && (
            <p className="mt-1 text-sm break-words text-warn">{certificate.reason}</p>
          )}
        </div>
        <Renew app={certificate.app} />
      </div>
    </Card>
  )
}

/** A bar of what is left of its life. Below a third it should have been renewed. */
function Life({ left }: { left: number }) {
  const tone = left < 1 / 6 ? 'bg-bad' : left < 0.3 ? 'bg-warn' : 'bg-soft'
  return (
    // biome-ignore lint/a11y/useSemanticElements: the element `meter` cannot be styled alike everywhere
    <div
      role="meter"
      aria-label="life that is left"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(left * 100)}
      className="mt-1 h-1.5 max-w-sm overflow-hidden rounded-full bg-sunk ring-1 ring-line ring-inset"
    >
      <div className={`h-full rounded-full ${tone}`} style={{ width: `${left * 100}%` }} />
    </div>
  )
}

function Domain({ name, covered, reason }: CertificateView['domains'][number]) {
  return (
    <li data-domain={name} className="flex gap-2 border-b border-line px-4 py-2 last:border-b-0">
      {covered ? (
        <Check className="mt-0.5 size-4 shrink-0" />
      ) : (
        <Warn className="mt-0.5 size-4 shrink-0 text-warn" />
      )}
      <div className="min-w-0">
        <p className="break-words">{name}</p>
        {reason !== null && <p className="text-sm break-words text-soft">{reason}</p>}
      </div>
    </li>
  )
}

function Renew({ app }: { app: string }) {
  const may = useMay('operator', app)
  const [asking, setAsking] = useState(false)
  if (!may) return null
  return (
    <>
      <Button small onClick={() => setAsking(true)}>
        Renew now
      </Button>
      {asking && (
        <PlanDialog
          title={`Renew the certificate of ${app}`}
          verb="renew"
          confirm="Renew"
          wanted={{ path: `/api/apps/${app}/certificate/renew`, request: {} }}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
