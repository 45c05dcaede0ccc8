import { useEffect, useState } from 'react'
import { useOutletContext } from 'react-router'
import type { Berth } from '../../../src/capsules/capsule.ts'
import { type Json, useQuery } from '../api.ts'
import { Panel } from '../board/Panel.tsx'
import { Summary } from '../board/Summary.tsx'
import { day } from '../format.ts'
import type { useLive } from '../live.ts'

export const stateNames = { free: 'Free', occupied: 'Occupied', cleaning: 'To clean', problem: 'Out of order' } as const

export function Board() {
  const { occupancy } = useOutletContext<ReturnType<typeof useLive>>()
  const berths = useQuery<Berth[]>('/capsules')
  const [chosen, choose] = useState<string>()
  useEffect(() => void berths.reload(), [occupancy?.at, berths.reload])

  const decks = [...new Set(berths.data?.map((berth) => berth.deck))]
  const berth = berths.data?.find((one) => one.number === chosen)
  return (
    <>
      <h1>Tonight</h1>
      {berths.error && <p className="alert" role="alert">{berths.error.message}</p>}
      {occupancy && <Summary occupancy={occupancy} />}
      {decks.map((deck) => (
        <section key={deck} className="deck">
          <h2>{deck} deck</h2>
          <div className="pods">
            {berths.data?.filter((one) => one.deck === deck).map((one) => (
              <Pod key={one.number} berth={one} chosen={one.number === chosen} choose={() => choose(one.number)} />
            ))}
          </div>
        </section>
      ))}
      {berth && <Panel key={berth.number} berth={berth} close={() => choose(undefined)} changed={berths.reload} />}
    </>
  )
}

interface PodProps { berth: Json<Berth>; chosen: boolean; choose: () => void }

function Pod({ berth, chosen, choose }: PodProps) {
  return (
    <button className={`pod ${berth.state}`} aria-pressed={chosen} onClick={choose}>
      <b>{berth.number}</b>
      <span>{berth.stay?.guestName ?? stateNames[berth.state]}</span>
      <small>{berth.stay ? `until ${day(berth.stay.dueOut)}` : berth.problem?.description ?? ''}</small>
    </button>
  )
}
