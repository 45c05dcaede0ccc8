'use client'
import { useState } from 'react'
import { Floors } from '@/board/Floors'
import { SuitePanel } from '@/board/SuitePanel'
import type { Suite, SuiteStatus } from '@/board/suite'
import { Summary } from '@/board/Summary'
import { useFetched } from '@/live/useFetched'

export default function Board() {
  const { data: suites, error, reload } = useFetched<Suite[]>('/suites', ['suite'])
  const [only, setOnly] = useState<SuiteStatus | null>(null)
  const [chosen, setChosen] = useState<number | null>(null)
  if (!suites) return <p className="empty">{error ?? 'Opening the board …'}</p>
  const suite = suites.find(candidate => candidate.id === chosen) ?? suites[0]
  return (
    <>
      <Summary suites={suites} only={only} onPick={setOnly} />
      <div className="split">
        <div>
          <Floors suites={suites} only={only} chosen={suite?.id ?? null} onChoose={setChosen} />
        </div>
        {suite && <SuitePanel key={suite.id} suite={suite} onChange={reload} />}
      </div>
    </>
  )
}
