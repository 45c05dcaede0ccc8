import { useState } from 'react'
import { useParams } from 'react-router'
import { call, useQuery } from '../api.ts'
import { wholeMoney } from '../format.ts'
import { guestFields } from '../guests/fields.ts'
import { Brand } from '../kit/Brand.tsx'
import { Form, type Values } from '../kit/Form.tsx'

interface House { hostelName: string; currency: string; nightlyCents: number; open: boolean }
interface Arrival { id: number; state: 'staying' | 'waiting' | 'left'; capsule: string | null }

const nights = { key: 'nights', label: 'Nights', type: 'number' as const, initial: 1 }

export function SelfCheckIn() {
  const { token = '' } = useParams()
  const house = useQuery<House>(`/self-check-in/${encodeURIComponent(token)}`)
  const [arrival, setArrival] = useState<Arrival>()
  // The same for every try, so that a second press does not check in twice.
  const [ref, setRef] = useState(newRef)

  async function checkIn(values: Values) {
    const path = `/self-check-in/${encodeURIComponent(token)}`
    setArrival(await call('POST', path, { ...values, nights: Number(values.nights), ref }))
  }
  function next() {
    setRef(newRef())
    setArrival(undefined)
  }
  return (
    <div className="door">
      <section className="card">
        <Brand />
        {house.error && <p className="alert" role="alert">{house.error.message}</p>}
        {arrival && <Welcome arrival={arrival} next={next} />}
        {!arrival && house.data?.open && (
          <>
            <h1>Welcome aboard</h1>
            <p className="faint">{wholeMoney(house.data.nightlyCents, house.data.currency)} a night, paid at the desk.</p>
            <Form fields={[...guestFields, nights]} action="Check in" submit={checkIn} keep />
          </>
        )}
        {house.data && !house.data.open && !arrival && <p className="alert">This link has been used. Ask at the desk for a new one.</p>}
      </section>
    </div>
  )
}

function Welcome({ arrival, next }: { arrival: Arrival; next: () => void }) {
  return (
    <div className="welcome">
      {arrival.capsule
        ? <><p>Your capsule is</p><strong>{arrival.capsule}</strong></>
        : <><p>You are checked in as</p><strong>No. {arrival.id}</strong><p>Every capsule is taken just now. The desk calls you when one is free.</p></>}
      <button className="quiet" onClick={next}>Next guest</button>
    </div>
  )
}

// Not randomUUID: browsers offer that on https only, and a kiosk may be on plain http in the house.
const newRef = () => `kiosk-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`
