import { list } from '../../kernel/words.ts'
import { type Facts, type Items, type Known, type Span, type Subject, visible } from './facts.ts'
import { line, type Rule, type Rules } from './line.ts'
import { DATA } from './rule-data.ts'
import { MACHINE } from './rule-machine.ts'
import { SERVING } from './rule-serving.ts'
import type { Report, ReportSection, ReportState } from './wire.ts'

/** Every section, in the order in which a report has them. What is wrong now is the first. */
const RULES: Rules<Exclude<Subject, 'alarms'>> = { ...SERVING, ...DATA, ...MACHINE }
type Section = keyof typeof RULES

const ORDER: readonly ReportState[] = ['well', 'unknown', 'look', 'bad']

/** The worst of several states. What is not known is worse than what is well: it may be anything. */
export const worst = (states: readonly ReportState[]): ReportState =>
  ORDER[Math.max(0, ...states.map(state => ORDER.indexOf(state)))]!

interface Asked {
  span: Span
  server: string
  /** Whether whoever reads it may see what is about an app; null: about the server. */
  permits(app: string | null): boolean
}

/** Puts together what was found. */
export function reportOf(all: Facts, { span, server, permits }: Asked): Report {
  const facts = visible(all, permits)
  const names = Object.keys(RULES) as Section[]
  const sections = names
    .filter(name => permits(null) || RULES[name].server !== true)
    .map(name => sectionOf(name, facts, { span, unheard: unheard(all) }))
  const traffic = 'why' in facts.traffic ? [] : facts.traffic.items
  return {
    ...{ period: span.period, from: isoOf(span.from), to: isoOf(span.to), server },
    state: worst(sections.map(({ state }) => state)),
    sections,
    traffic: traffic.map(({ app, now, before, slots }) => ({
      ...{ app, now, before },
      slots: slots.map(slot => ({ ...slot, at: isoOf(slot.at) })),
    })),
  }
}

const isoOf = (ms: number): string => new Date(ms).toISOString()

function sectionOf<K extends Section>(
  name: K,
  facts: Facts,
  { span, unheard }: { span: Span; unheard: readonly string[] },
): ReportSection {
  const rule = RULES[name] as Rule<K>
  const known = facts[name] as Known<Items[K]>
  const alarms =
    'why' in facts.alarms ? [] : facts.alarms.items.filter(({ code }) => sectionFor(code) === name)
  const told = alarms.map(({ level, app, what, fix }) =>
    line(level === 'late' ? 'bad' : 'look', app, what, fix),
  )
  const found = 'why' in known ? null : rule.judge(known.items, span)
  const missing = [
    ...('why' in known ? [known.why] : []),
    ...(rule.alarms.length > 0 || name === 'alerts' ? unheard : []),
  ]
  const lines = inOrder([...told, ...(found?.lines ?? [])])
  const state = worst([...lines.map(one => one.state), ...(missing.length > 0 ? (['unknown'] as const) : [])])
  const says = [...(found === null ? [] : [found.says]), ...missing.map(why => `not known: ${why}`)].join(
    '; ',
  )
  return { name, title: rule.title, state, says, lines }
}

/** The worst first. */
export const inOrder = <T extends { state: ReportState }>(all: readonly T[]): T[] =>
  all.toSorted((a, b) => ORDER.indexOf(b.state) - ORDER.indexOf(a.state))

/** A noun that cannot say whether it has alarms says so by this one. */
const UNKNOWN = 'alarms.unknown'

/** Why it is not known whether all alarms were told, of all facts: that nobody answered concerns also who sees single apps. */
function unheard({ alarms }: Facts): string[] {
  if ('why' in alarms) return [`what is wrong now: ${alarms.why}`]
  return alarms.items.some(({ code }) => code === UNKNOWN)
    ? ['not every part of the keeper said whether something is wrong']
    : []
}

/** The section that tells of an alarm: its own, or that of alerts. */
function sectionFor(code: string): Section {
  const names = Object.keys(RULES) as Section[]
  return names.find(name => RULES[name].alarms.some(start => code.startsWith(start))) ?? 'alerts'
}

/** How it stands, in a few words: 'all is well', '2 bad, 1 to look at and 1 not known'. */
export function summaryOf({ state, sections }: Pick<Report, 'state' | 'sections'>): string {
  if (state === 'well') return 'all is well'
  const says = [
    ['bad', 'bad'],
    ['look', 'to look at'],
    ['unknown', 'not known'],
  ] as const
  return list(
    says.flatMap(([wanted, words]) => {
      const n = sections.filter(one => one.state === wanted).length
      return n === 0 ? [] : [`${n} ${words}`]
    }),
  )
}
