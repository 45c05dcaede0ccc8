import { useEffect, useState } from 'react'
import { useOutletContext, useSearchParams } from 'react-router'
import type { Presence } from '../../../src/checkins/checkin.ts'
import { call, useQuery } from '../api.ts'
import { guestFields } from '../guests/fields.ts'
import { GuestTable } from '../guests/GuestTable.tsx'
import { PresentTable } from '../guests/PresentTable.tsx'
import { Form, type Values } from '../kit/Form.tsx'
import type { useLive } from '../live.ts'

const FIRST_FREE = 'First free'

export function Guests() {
  const { occupancy } = useOutletContext<ReturnType<typeof useLive>>()
  const [params] = useSearchParams()
  const [changes, setChanges] = useState(0)
  const house = useQuery<{ present: Presence[]; waiting: number }>('/check-ins?limit=60')
  useEffect(() => void house.reload(), [occupancy?.at, house.reload])

  const free = occupancy?.capsules.filter((one) => one.state === 'free').map((one) => one.number) ?? []
  const capsule = { key: 'capsule', label: 'Capsule', options: [FIRST_FREE, ...free], initial: params.get('capsule') ?? FIRST_FREE }
  const nights = { key: 'nights', label: 'Nights', type: 'number' as const, initial: 1 }
  const changed = () => {
    setChanges((n) => n + 1)
    void house.reload()
  }
  async function checkIn({ capsule, nights, ...guest }: Values) {
    await call('POST', '/check-ins', { guest, nights: Number(nights), capsule: capsule === FIRST_FREE ? undefined : capsule })
    changed()
  }
  return (
    <>
      <h1>Guests</h1>
      <div className="split">
        <PresentTable present={house.data?.present ?? []} waiting={house.data?.waiting ?? 0} free={free} changed={changed} />
        <section className="card">
          <h2>Check in</h2>
          <Form fields={[...guestFields, capsule, nights]} action="Check in" submit={checkIn} />
        </section>
      </div>
      <GuestTable reloadKey={changes} />
    </>
  )
}
