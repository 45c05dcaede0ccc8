import type { ComponentProps } from 'react'
import { Labelled } from '../kit/Labelled.tsx'
import { Select } from '../kit/Select.tsx'
import type { Choice, Offer, Rows, What } from './choice.ts'

interface Props {
  choice: Choice
  offer: Pick<Offer, 'cluster' | 'parts'>
  onChange: (choice: Choice) => void
}

const WHATS: ReadonlyArray<readonly [What, string]> = [
  ['app', 'the whole app'],
  ['files', 'its files alone'],
  ['redis', 'its Redis alone'],
  ['tables', 'single tables'],
  ['copy', 'a copy to look at'],
]
const ROWS: ReadonlyArray<readonly [Rows, string]> = [
  ['compare', 'only show what differs'],
  ['merge', 'bring the missing rows back'],
  ['table', 'as they were, into a new table'],
  ['csv', 'as they were, into a CSV file'],
]
const isRows = (text: string): text is Rows => ROWS.some(([key]) => key === text)

/** Single tables and copies come from the files of a cluster. */
const canBe = (what: What, { cluster, parts }: Props['offer']): boolean =>
  what === 'app' || (what === 'files' || what === 'redis' ? parts.includes(what) : cluster)

/** What of the app comes back, and what is asked of that alone. */
export function WhatFields({ choice, offer, onChange }: Props) {
  const whats = WHATS.filter(([what]) => canBe(what, offer))
  if (whats.length === 1) return null
  return (
    <>
      <fieldset className="flex flex-wrap gap-x-5 gap-y-2">
        <legend className="mb-1 text-xs text-soft">What</legend>
        {whats.map(([what, label]) => (
          <label key={what} className="inline-flex items-center gap-2">
            <input
              type="radio"
              name="what"
              checked={choice.what === what}
              onChange={() => onChange({ ...choice, what })}
            />
            {label}
          </label>
        ))}
      </fieldset>
      {choice.what === 'tables' && <Tables choice={choice} onChange={onChange} />}
      {choice.what === 'copy' && <Copy choice={choice} onChange={onChange} />}
    </>
  )
}

type FieldProps = Omit<Props, 'offer'>

function Tables({ choice, onChange }: FieldProps) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Text
        label="Tables, with commas in between"
        placeholder="guest, billing.bill"
        required
        value={choice.tables}
        onChange={event => onChange({ ...choice, tables: event.target.value })}
      />
      <Select
        label="Their rows"
        value={choice.rows}
        options={ROWS}
        onChange={rows => isRows(rows) && onChange({ ...choice, rows })}
      />
      {choice.rows === 'table' && (
        <Text
          label="Name of the new table"
          required
          maxLength={63}
          value={choice.newTable}
          onChange={event => onChange({ ...choice, newTable: event.target.value })}
        />
      )}
    </div>
  )
}

function Copy({ choice, onChange }: FieldProps) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Text
        label="Name: at most 12 small letters, digits and -"
        required
        pattern="[a-z0-9\-]{1,12}"
        value={choice.copyName}
        onChange={event => onChange({ ...choice, copyName: event.target.value })}
      />
      <Text
        label="Hours until it goes by itself"
        type="number"
        required
        min={1}
        max={744}
        value={choice.copyHours}
        onChange={event => onChange({ ...choice, copyHours: event.target.value })}
      />
    </div>
  )
}

function Text({ label, ...input }: { label: string } & ComponentProps<'input'>) {
  return (
    <Labelled label={label}>
      {id => (
        <input
          {...input}
          id={id}
          className="field"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      )}
    </Labelled>
  )
}
