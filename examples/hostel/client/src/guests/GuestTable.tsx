import { type ChangeEvent, useDeferredValue, useState } from 'react'
import type { Guest } from '../../../src/guests/guest.ts'
import { call, type Json, useQuery } from '../api.ts'
import { day } from '../format.ts'
import { guestFields } from './fields.ts'

export function GuestTable({ reloadKey }: { reloadKey: number }) {
  const [search, setSearch] = useState('')
  const wanted = useDeferredValue(search)
  const guests = useQuery<Guest[]>(`/guests?limit=50&search=${encodeURIComponent(wanted)}&n=${reloadKey}`)
  return (
    <section className="card">
      <div className="head">
        <h2>All guests</h2>
        <input type="search" placeholder="Name or phone" aria-label="Search guests" value={search} onChange={(e) => setSearch(e.target.value)} />
      </div>
      {guests.error && <p className="alert">{guests.error.message}</p>}
      <div className="scroll">
        <table>
          <thead>
            <tr>{guestFields.map((field) => <th key={field.key}>{field.label}</th>)}<th>Since</th><th>Document</th></tr>
          </thead>
          <tbody>
            {guests.data?.map((guest) => (
              <tr key={guest.id}>
                {guestFields.map((field) => <td key={field.key}>{guest[field.key] ?? <span className="faint">–</span>}</td>)}
                <td>{day(guest.createdAt)}</td>
                <td><Photo guest={guest} saved={guests.reload} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {guests.data?.length === 0 && <p className="empty">No guest matches.</p>}
    </section>
  )
}

function Photo({ guest, saved }: { guest: Json<Guest>; saved: () => void }) {
  const [error, setError] = useState('')
  async function upload(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0]
    if (!file) return
    await call('PUT', `/guests/${guest.id}/photo`, file).then(() => setError(''), (e: Error) => setError(e.message))
    saved()
  }
  return (
    <>
      {guest.photo && <><a href={`/api/guests/${guest.id}/photo`} target="_blank">View</a> · </>}
      <label className="upload">
        {guest.photo ? 'Replace' : 'Add photo'}
        <input type="file" accept="image/jpeg,image/png,image/webp" onChange={upload} />
      </label>
      {error && <span className="alert">{error}</span>}
    </>
  )
}
