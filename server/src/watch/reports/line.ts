import type { Items, Span, Subject } from './facts.ts'
import type { ReportLine, ReportState } from './wire.ts'

/** What a section makes of its facts, when no alarm says more. */
export interface Verdict {
  /** All of it in a line. */
  says: string
  lines: ReportLine[]
}

export interface Rule<K extends Subject> {
  title: string
  /** Of which alarms the section tells: how their codes begin. */
  alarms: readonly string[]
  /** It is about the server as a whole, for whoever has a role in all apps. */
  server?: true
  judge(items: ReadonlyArray<Items[K]>, span: Span): Verdict
}

export type Rules<K extends Subject> = { readonly [S in K]: Rule<S> }

export const line = (
  state: ReportState,
  app: string | null,
  text: string,
  fix: string | null = null,
): ReportLine => ({ state, app, text, fix })
