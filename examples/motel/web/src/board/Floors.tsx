import { ago, words } from '@/kit/format'
import type { Suite, SuiteStatus } from './suite'

interface Props {
  suites: Suite[]
  only: SuiteStatus | null
  chosen: number | null
  onChoose(id: number): void
}

export function Floors({ suites, only, chosen, onChoose }: Props) {
  const floors = [...new Set(suites.map(suite => suite.floor))].sort((a, b) => b - a)
  return floors.map(floor => (
    <section key={floor} className="floor">
      <h2>Floor {floor}</h2>
      <div className="suites">
        {suites
          .filter(suite => suite.floor === floor)
          .map(suite => (
            <button
              key={suite.id}
              className={`suite ${suite.status} ${only && only !== suite.status ? 'dim' : ''} ${chosen === suite.id ? 'picked' : ''}`}
              onClick={() => onChoose(suite.id)}
            >
              <b>{suite.number}</b>
              <span>{words(suite.status)}</span>
              <small>
                {suite.beds} {suite.beds === 1 ? 'bed' : 'beds'} · {ago(suite.statusSince)}
              </small>
            </button>
          ))}
      </div>
    </section>
  ))
}
