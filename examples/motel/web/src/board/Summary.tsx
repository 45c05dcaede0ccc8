import { words } from '@/kit/format'
import { STATUSES, type Suite, type SuiteStatus } from './suite'

interface Props {
  suites: Suite[]
  only: SuiteStatus | null
  onPick(status: SuiteStatus | null): void
}

export function Summary({ suites, only, onPick }: Props) {
  return (
    <div className="summary">
      {STATUSES.map(status => (
        <button
          key={status}
          className={`tile ${status} ${only === status ? 'picked' : ''}`}
          aria-pressed={only === status}
          onClick={() => onPick(only === status ? null : status)}
        >
          <b>{suites.filter(suite => suite.status === status).length}</b>
          {words(status)}
        </button>
      ))}
    </div>
  )
}
