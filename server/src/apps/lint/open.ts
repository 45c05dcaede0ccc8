import { z } from 'zod'
import type { AppConfig } from '../../config/config.ts'
import { iso } from '../../kernel/moments.ts'
import type { Source } from '../../kernel/source.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Judged } from './lint.ts'
import { LintReport, LintRequest } from './wire.ts'

export interface Needs {
  lint: {
    /** What an uploaded source says. Failures `config.invalid`, `archive.broken`. */
    uploaded(app: string, upload: string): Promise<{ config: AppConfig; source: Source }>
    judge(wanted: { app: string; config: AppConfig; source: Source }): Promise<Judged | null>
    /** Looks which statements apps ask. */
    tick(): Promise<void>
  }
}

const EACH_MS = 120_000

export const open = ({ lint }: Needs): OpenPart => ({
  timers: [{ name: 'statements', everyMs: EACH_MS, work: () => lint.tick() }],
  routes(app) {
    app.post(
      '/api/apps/:app/lint',
      {
        config: { permission: 'viewer', wakes: true },
        schema: {
          summary:
            'Judges the migrations of an uploaded source that the database of the app does not have yet',
          params: z.object({ app: z.string() }),
          body: LintRequest,
          response: { 200: LintReport },
        },
      },
      async request => {
        const { app: name } = request.params
        const found = await lint.uploaded(name, request.body.upload)
        return reportOf(name, await lint.judge({ app: name, ...found }))
      },
    )
  },
})

function reportOf(app: string, judged: Judged | null): LintReport {
  if (judged === null)
    return {
      app,
      tool: null,
      folder: null,
      pending: [],
      asked: 'none',
      why: null,
      servedSince: null,
      findings: [],
    }
  const { servedSince, findings, ...rest } = judged
  return {
    ...{ app, ...rest, servedSince: servedSince === null ? null : iso(servedSince) },
    findings: findings.map(({ safe, ...one }) => ({ ...one, safe: [...safe] })),
  }
}
