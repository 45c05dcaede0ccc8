import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useQuery } from '../api.ts'
import { when } from '../format.ts'
import { Alert, Empty } from '../kit/parts.tsx'
import type { Message } from '../types.ts'
import { EVENTS, useLine } from './line.tsx'

export function Thread({ patientId, me }: { patientId: number; me: number }) {
  const { socket, connected } = useLine()
  const { data, error, reload } = useQuery<Message[]>(`/conversations/${patientId}/messages`)
  const end = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!socket || !connected) return
    // What arrives while the page is open is read; whoever looks elsewhere comes back to it.
    const seen = () => socket.emit('read', { patientId })
    const again = (event?: { patientId?: number; authorId?: number }) => {
      if (event?.patientId !== undefined && event.patientId !== patientId) return
      void reload()
      if (event?.authorId !== undefined && event.authorId !== me) seen()
    }
    seen()
    for (const event of EVENTS) socket.on(event, again)
    return () => EVENTS.forEach((event) => socket.off(event, again))
  }, [socket, connected, patientId, me, reload])
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' })
  }, [data])

  return (
    <div className="flex h-[calc(100dvh-13rem)] min-h-80 flex-col md:h-[calc(100dvh-10rem)]">
      <div className="flex-1 space-y-2 overflow-y-auto pr-1">
        {error && <Alert>{error.message}</Alert>}
        {data?.length === 0 && <Empty>Nothing written yet.</Empty>}
        {data?.map((message) => <Bubble key={message.id} message={message} mine={message.authorId === me} />)}
        <div ref={end} />
      </div>
      <Write patientId={patientId} />
    </div>
  )
}

function Bubble({ message, mine }: { message: Message; mine: boolean }) {
  return (
    <div className={`flex ${mine ? 'justify-end' : ''}`}>
      <div className={`max-w-[80%] rounded-2xl px-4 py-2 text-sm ${mine ? 'rounded-br-md bg-leaf-700 text-white' : 'rounded-bl-md bg-leaf-50'}`}>
        <p className="break-words whitespace-pre-wrap">{message.body}</p>
        <p className={`mt-0.5 text-right text-[11px] ${mine ? 'text-leaf-100/80' : 'text-faint'}`}>
          {when(message.sentAt)}{mine && (message.readAt ? ' · read' : ' · sent')}
        </p>
      </div>
    </div>
  )
}

function Write({ patientId }: { patientId: number }) {
  const { socket, connected } = useLine()
  const [body, setBody] = useState('')
  const [error, setError] = useState<string>()
  async function send(event: FormEvent) {
    event.preventDefault()
    if (!socket || !body.trim()) return
    try {
      const answer = await socket.timeout(5000).emitWithAck('send', { patientId, body })
      setError(answer.ok ? undefined : answer.message)
      if (answer.ok) setBody('')
    } catch {
      setError('This was perhaps not sent. Look whether it appears before you send it again.')
    }
  }
  return (
    <form onSubmit={send} className="mt-3 grid gap-2">
      {error && <Alert>{error}</Alert>}
      <div className="flex gap-2">
        <input className="field" aria-label="Message" placeholder={connected ? 'Write a message' : 'Connecting…'} maxLength={4000} value={body} onChange={(e) => setBody(e.target.value)} />
        <button className="btn" disabled={!connected || !body.trim()}>Send</button>
      </div>
    </form>
  )
}
