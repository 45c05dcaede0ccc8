import { useEffect, useRef, useState } from 'react'
import { Labelled } from './Labelled.tsx'

interface Props {
  label: string
  placeholder: string
  onChange: (text: string) => void
}

const TYPING_MS = 300

/** The text of a field. It is told when typing pauses, not at each letter. */
export function useTyped(onChange: (text: string) => void) {
  const [text, setText] = useState('')
  const told = useRef('')
  // The latest one, because other parts of the filter may be chosen while somebody types.
  const latest = useRef(onChange)
  latest.current = onChange
  useEffect(() => {
    if (text === told.current) return
    const timer = setTimeout(() => {
      told.current = text
      latest.current(text)
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [text])
  return [text, setText] as const
}

/** A text field of a filter, with its label. */
export function Typed({ label, placeholder, onChange }: Props) {
  const [text, setText] = useTyped(onChange)
  return (
    <Labelled label={label}>
      {id => (
        <input
          id={id}
          type="search"
          placeholder={placeholder}
          maxLength={200}
          value={text}
          onChange={event => setText(event.target.value)}
          className="field"
        />
      )}
    </Labelled>
  )
}
