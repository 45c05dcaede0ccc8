import type { Plan } from '../../engine/plan.ts'
import type { Wanted } from './certificate.ts'
import { proofOf } from './rule.ts'
import type { CertificateStep } from './step.ts'

const TITLES = {
  issue: (app: string) => `get a certificate for ${app}`,
  renew: (app: string) => `renew the certificate of ${app}`,
}

interface Wish {
  wanted: Wanted
  authority: string
  why: keyof typeof TITLES
  /** A person asked for it. */
  force: boolean
}

/** Plans to get a certificate. Nothing that serves is touched before there is one, so nothing has to be undone. */
export function planCertificate({ wanted, authority, why, force }: Wish): Plan<CertificateStep> {
  const { app } = wanted
  return {
    kind: 'certificate',
    title: TITLES[why](app),
    app,
    release: null,
    locks: [`certificate:${app}`],
    steps: [
      ...bringing({ wanted, authority, force }),
      { does: { kind: 'certificate.show', app }, undo: null },
    ],
    cleanup: [],
    notices: ['the app is not touched'],
  }
}

function bringing({ wanted, authority, force }: Omit<Wish, 'why'>): Plan<CertificateStep>['steps'] {
  const { app, names, files } = wanted
  if (files !== null)
    return [{ does: { kind: 'certificate.read', app, file: files.certificate }, undo: null }]
  return [
    { does: { kind: 'certificate.look', app, names, authority, proof: proofOf(wanted) }, undo: null },
    { does: { kind: 'certificate.order', app, names, authority, force }, undo: null },
  ]
}
