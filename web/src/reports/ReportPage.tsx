import { Link, useNavigate } from '@tanstack/react-router'
import type {
  Report,
  ReportLine,
  ReportPeriod,
  ReportSection,
  ReportState,
} from '../../../server/src/watch/reports/wire.ts'
import { Badge, type Tone } from '../kit/Badge.tsx'
import { Card } from '../kit/Card.tsx'
import { Command, WithCommands } from '../kit/Command.tsx'
import { Check, Circle, Cross, Warn } from '../kit/icons.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Ago } from '../kit/time.tsx'
import { useMay } from '../people/me.ts'
import { useReport } from './queries.ts'
import { Visitors } from './Visitors.tsx'

const PERIODS = [
  ['day', 'Day'],
  ['week', 'Week'],
  ['month', '30 days'],
] as const

/** How the server and its apps did, and what is to be seen to. */
export function ReportPage({ period }: { period: ReportPeriod }) {
  const report = useReport(period)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h1 className="text-2xl font-semibold tracking-tight">Report</h1>
        <Periods period={period} />
      </div>
      <Loaded query={report} rows={8}>
        {found => <Found report={found} />}
      </Loaded>
    </div>
  )
}

function Periods({ period }: { period: ReportPeriod }) {
  const navigate = useNavigate()
  return (
    <fieldset className="flex gap-1 rounded-lg border border-line bg-card p-1">
      <legend className="sr-only">period</legend>
      {PERIODS.map(([name, says]) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === period}
          onClick={() => navigate({ to: '/report', search: { period: name } })}
          className="rounded-md px-3 py-1 text-sm text-soft hover:text-ink aria-pressed:bg-sunk aria-pressed:text-ink"
        >
          {says}
        </button>
      ))}
    </fieldset>
  )
}

function Found({ report }: { report: Report }) {
  const seen = report.sections.filter(({ state }) => state !== 'well')
  const well = report.sections.filter(({ state }) => state === 'well')
  const maySet = useMay('admin', null)
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-soft">
        <State state={report.state} />
        <span>{report.server}</span>
        <span>
          looked <Ago at={report.to} />
        </span>
      </p>
      {report.traffic.some(one => one.now.requests > 0) && <Visitors report={report} />}
      {seen.length > 0 && (
        <Card title="To be seen to" aside={<span className="text-xs text-soft">the worst first</span>}>
          <Sections
            sections={seen.toSorted((a, b) => WORST[b.state] - WORST[a.state])}
            label="to be seen to"
          />
        </Card>
      )}
      {well.length > 0 && (
        <Card title="Well">
          <Sections sections={well} label="well" />
        </Card>
      )}
      {maySet && (
        <p className="flex flex-wrap items-center gap-2 text-sm text-soft">
          When it is sent by itself, and to whom: <Command text="inn report settings" />
        </p>
      )}
    </>
  )
}

const WORST: Record<ReportState, number> = { well: 0, unknown: 1, look: 2, bad: 3 }

const Sections = ({ sections, label }: { sections: readonly ReportSection[]; label: string }) => (
  <ul aria-label={label} className="divide-y divide-line">
    {sections.map(section => (
      <li key={section.name} data-section={section.name} className="grid gap-1.5 px-4 py-3">
        <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
          <State state={section.state} />
          <h3 className="font-medium">{section.title}</h3>
          <span className="min-w-0 break-words text-soft">
            <WithCommands text={section.says} />
          </span>
        </div>
        <Lines lines={section.lines} />
      </li>
    ))}
  </ul>
)

/** More that are well are counted: they are on pages of their own. */
const MOST_WELL = 5

function Lines({ lines }: { lines: readonly ReportLine[] }) {
  const wrong = lines.filter(({ state }) => state !== 'well')
  const well = lines.filter(({ state }) => state === 'well')
  const left = well.length - MOST_WELL
  if (lines.length === 0) return null
  return (
    <ul className="grid gap-1 pl-1">
      {[...wrong, ...well.slice(0, MOST_WELL)].map((one, n) => (
        <Line key={n} line={one} />
      ))}
      {left > 0 && <li className="text-xs text-faint">and {left} more</li>}
    </ul>
  )
}

const TEXTS: Record<ReportState, string> = { well: 'text-soft', look: '', bad: 'text-bad', unknown: '' }

const Line = ({ line: { state, app, text, fix } }: { line: ReportLine }) => (
  <li className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
    <span className={`min-w-0 break-words ${TEXTS[state]}`}>{text}</span>
    {fix !== null && (
      <span className="text-soft">
        <WithCommands text={fix} />
      </span>
    )}
    {app !== null && state !== 'well' && (
      <Link to="/apps/$app" params={{ app }} className="link text-xs">
        {app}
      </Link>
    )}
  </li>
)

const small = 'size-3.5'
const STATES = {
  well: ['ink', <Check key="i" className={small} />, 'well'],
  look: ['warn', <Warn key="i" className={small} />, 'look'],
  bad: ['bad', <Cross key="i" className={small} />, 'bad'],
  unknown: ['soft', <Circle key="i" className={small} />, 'not known'],
} as const satisfies Record<ReportState, readonly [Tone, unknown, string]>

function State({ state }: { state: ReportState }) {
  const [tone, icon, says] = STATES[state]
  return (
    <Badge tone={tone}>
      {icon}
      {says}
    </Badge>
  )
}
