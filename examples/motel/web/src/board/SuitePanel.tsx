'use client'
import { ago, words } from '@/kit/format'
import { useAct } from '@/kit/useAct'
import { api } from '@/session/api'
import { Notes } from './Notes'
import type { Suite } from './suite'
import { SuiteTasks } from './SuiteTasks'

/** Named by what one does, where that is not what it becomes. */
const DEEDS: Record<string, string> = {
  'vacant>occupied': 'Check in',
  'occupied>dirty': 'Check out',
  'dirty>cleaning': 'Start cleaning',
  'cleaning>inspected': 'Inspected',
  'cleaning>dirty': 'Stop cleaning',
  'inspected>vacant': 'Release',
  'inspected>dirty': 'Not clean',
  'out_of_order>dirty': 'Mended',
}

export function SuitePanel({ suite, onChange }: { suite: Suite; onChange(): void }) {
  const { act, busy, error } = useAct()
  const move = (status: string) => act(() => api(`/suites/${suite.id}/status`, { status }).finally(onChange))
  return (
    <aside className="card panel">
      <div className="head">
        <h2>Suite {suite.number}</h2>
        <span className={`pill ${suite.status}`}>
          {words(suite.status)} · {ago(suite.statusSince)}
        </span>
      </div>
      <div className="row">
        {suite.allowed.map(status => (
          <button key={status} disabled={busy} onClick={() => move(status)}>
            {DEEDS[`${suite.status}>${status}`] ?? `Make ${words(status)}`}
          </button>
        ))}
        {suite.allowed.length === 0 && <span className="faint">The next step is not yours.</span>}
      </div>
      {error && <p className="error">{error}</p>}
      <SuiteTasks suiteId={suite.id} />
      <Notes suiteId={suite.id} />
    </aside>
  )
}
