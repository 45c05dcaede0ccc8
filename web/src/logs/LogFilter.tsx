import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import { LogLine } from '../../../server/src/watch/logs/wire.ts'
import { Button } from '../kit/Button.tsx'
import { Pause, Play } from '../kit/icons.tsx'
import { useTyped } from '../kit/Typed.tsx'
import type { Filter } from './queries.ts'

interface Props {
  app: AppStatus
  filter: Filter
  onFilter: (filter: Filter) => void
  follow: boolean
  onFollow: (follow: boolean) => void
}

const LEVELS = LogLine.shape.level.unwrap().options

export function LogFilter({ app, filter, onFilter, follow, onFollow }: Props) {
  const releases = app.services.flatMap(service => service.instances.map(one => one.release))
  const choose = (name: keyof Filter) => (value: string) => onFilter({ ...filter, [name]: value })
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5">
      <Select
        label="service"
        value={filter.service}
        onChange={choose('service')}
        options={app.services.filter(service => service.kind !== 'static').map(service => service.name)}
      />
      <Select
        label="release"
        value={filter.release}
        onChange={choose('release')}
        options={[...new Set(releases)]}
      />
      <Select label="level" value={filter.level} onChange={choose('level')} options={LEVELS} />
      <Grep onChange={choose('grep')} />
      <Button small className="ml-auto !min-h-9" onClick={() => onFollow(!follow)} aria-pressed={!follow}>
        {follow ? <Pause className="size-3.5" /> : <Play className="size-3.5" />}
        {follow ? 'Pause' : 'Follow'}
      </Button>
    </div>
  )
}

interface SelectProps {
  label: string
  value: string
  options: readonly string[]
  onChange: (value: string) => void
}

function Select({ label, value, options, onChange }: SelectProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={event => onChange(event.target.value)}
      className="field !w-auto max-w-36"
    >
      <option value="">any {label}</option>
      {options.map(option => (
        <option key={option}>{option}</option>
      ))}
    </select>
  )
}

function Grep({ onChange }: { onChange: (text: string) => void }) {
  const [text, setText] = useTyped(onChange)
  return (
    <input
      type="search"
      aria-label="only lines with"
      placeholder="only lines with…"
      maxLength={200}
      value={text}
      onChange={event => setText(event.target.value)}
      className="field !w-auto min-w-32 flex-1 sm:max-w-72"
    />
  )
}
