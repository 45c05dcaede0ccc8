import { useState } from 'react'
import type { KioskToken } from '../../../src/kiosk/kiosk.ts'
import type { HouseSettings } from '../../../src/settings/settings.ts'
import { call, type Json, useQuery } from '../api.ts'
import { type Field, Form, type Values } from '../kit/Form.tsx'

const houseFields = (house: Json<HouseSettings>): Field[] => [
  { key: 'hostelName', label: 'Name of the hostel', initial: house.hostelName, required: true },
  { key: 'currency', label: 'Currency', initial: house.currency, required: true },
  { key: 'nightly', label: 'Price of a night', type: 'number', step: '0.01', initial: house.nightlyCents / 100 },
  { key: 'checkOutHour', label: 'Check-out hour', type: 'number', initial: house.checkOutHour },
]

export function Settings() {
  return (
    <>
      <h1>Settings</h1>
      <div className="halves">
        <House />
        <Kiosks />
      </div>
    </>
  )
}

function House() {
  const house = useQuery<HouseSettings>('/settings')
  const [saved, setSaved] = useState(false)
  async function save({ nightly, ...rest }: Values) {
    await call('PUT', '/settings', { ...rest, nightlyCents: Math.round(Number(nightly) * 100) })
    setSaved(true)
  }
  return (
    <section className="card house">
      <h2>The house</h2>
      {house.data && <Form fields={houseFields(house.data)} action="Save" submit={save} keep />}
      {saved && <p className="faint" role="status">Saved.</p>}
    </section>
  )
}

function Kiosks() {
  const tokens = useQuery<KioskToken[]>('/kiosk-tokens')
  const make = async ({ label }: Values) => {
    await call('POST', '/kiosk-tokens', { label, reusable: false })
    await tokens.reload()
  }
  return (
    <section className="card">
      <h2>Self check-in links</h2>
      <p className="faint">A link lets one guest check in without an account. The kiosk in the lobby has one that does not wear out.</p>
      <Form fields={[{ key: 'label', label: 'Who is it for', required: true }]} action="Make a link" submit={make} />
      <table>
        <tbody>
          {tokens.data?.map((token) => (
            <tr key={token.token}>
              <td>{token.label}<small>{token.reusable ? 'does not wear out' : token.usedAt ? 'used' : 'for one guest'}</small></td>
              <td className="number"><a href={`/self/${token.token}`} target="_blank">Open</a></td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
