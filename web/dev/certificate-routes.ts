import { z } from 'zod'
import { ChangeAnswer } from '../../server/src/engine/wire-change.ts'
import { CertificateView } from '../../server/src/reach/certificates/wire.ts'
import { ago } from './ago.ts'
import { perform, summary } from './answers.ts'
import { answer, type Call, type Handler } from './call.ts'
import { begin } from './runs.ts'

const DAY = 86_400
const covered = (name: string) => ({ name, covered: true, reason: null })

/** One that is good, one of which a name leads elsewhere, and one that was refused. */
const certificates: CertificateView[] = [
  {
    app: 'hostel',
    state: 'good',
    authority: 'https://acme-v02.api.letsencrypt.org/directory',
    domains: [covered('hostel.example.com'), covered('www.hostel.example.com')],
    from: ago(40 * DAY),
    to: ago(-50 * DAY),
    renewal: ago(-20 * DAY),
    next: null,
    failures: 0,
    reason: null,
  },
  {
    app: 'desk',
    state: 'part',
    authority: 'https://acme-v02.api.letsencrypt.org/directory',
    domains: [
      covered('desk.example.com'),
      {
        name: 'old-desk.example.net',
        covered: false,
        reason:
          'old-desk.example.net leads to another server: its A record 192.0.2.7 answers from nginx with 404, and not with what this server put there; correct the record or take it out',
      },
    ],
    from: ago(70 * DAY),
    to: ago(-12 * DAY),
    renewal: ago(10 * DAY),
    next: ago(-1_500),
    failures: 4,
    reason:
      'acme-v02.api.letsencrypt.org refused to issue the certificate: too many certificates already issued for this set of names (rateLimited)',
  },
]

function renew(call: Call, paceMs: number) {
  const [app] = call.params as [string]
  const { plan: only } = z.object({ plan: z.boolean().default(false) }).parse(call.body)
  const step = (title: string) => ({ kind: 'certificate', title, undo: null })
  const plan = {
    kind: 'certificate',
    title: `renew the certificate of ${app}`,
    app,
    release: null,
    steps: [step('see whether its domains lead here'), step('order a certificate and show the proof')],
    cleanup: [],
    notices: ['the app is not touched'],
  }
  if (only) return answer(call, ChangeAnswer, { plan })
  const run = begin({ plan, kind: 'certificate', app, release: null, actor: 'ada' })
  void perform(run, { verb: 'scale' }, paceMs)
  answer(call, ChangeAnswer, { run: summary(run), notices: plan.notices })
}

export const certificateRoutes = (paceMs: number): Array<[string, RegExp, Handler]> => [
  ['GET', /^\/api\/certificates$/, call => answer(call, z.array(CertificateView), certificates)],
  ['POST', /^\/api\/apps\/([^/]+)\/certificate\/renew$/, call => renew(call, paceMs)],
]
