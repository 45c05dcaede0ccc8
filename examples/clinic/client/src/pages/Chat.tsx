import { Link, useOutletContext, useParams } from 'react-router'
import { Thread } from '../chat/Thread.tsx'
import { useLine } from '../chat/line.tsx'
import { when } from '../format.ts'
import { Avatar, Card, Empty } from '../kit/parts.tsx'
import type { Account, Conversation } from '../types.ts'

/** A patient has one conversation; on a phone a therapist sees the list or one of them. */
export function Chat() {
  const account = useOutletContext<Account>()
  const { id } = useParams()
  const { conversations, connected } = useLine()
  const patientId = account.role === 'patient' ? account.id : Number(id) || undefined
  const open = conversations.find((c) => c.patientId === patientId)
  const alone = account.role === 'patient'
  return (
    <div className={alone ? '' : 'grid items-start gap-4 md:grid-cols-[18rem_1fr]'}>
      {!alone && (
        <Card title="Chat" className={patientId ? 'hidden md:block' : ''} side={<span className="note text-xs">{connected ? '● live' : 'connecting…'}</span>}>
          <ul className="-mx-2 max-h-[calc(100dvh-10rem)] overflow-y-auto">{conversations.map((c) => <Row key={c.patientId} conversation={c} open={c.patientId === patientId} />)}</ul>
        </Card>
      )}
      {patientId === undefined
        ? <Card className="hidden md:block"><Empty>Choose a conversation.</Empty></Card>
        : (
          <Card title={open && (alone ? open.therapist : open.patient)} side={!alone && <Link className="btn-quiet md:hidden" to="/chat">All</Link>}>
            <Thread key={patientId} patientId={patientId} me={account.id} />
          </Card>
        )}
    </div>
  )
}

function Row({ conversation: c, open }: { conversation: Conversation; open: boolean }) {
  return (
    <li>
      <Link to={`/chat/${c.patientId}`} className={`flex items-center gap-3 rounded-xl px-2 py-2 ${open ? 'bg-leaf-100' : 'hover:bg-leaf-50'}`}>
        <Avatar name={c.patient} />
        <span className="min-w-0 flex-1 text-sm">
          <span className="flex justify-between gap-2"><span className={`truncate ${c.unread ? 'font-semibold' : 'font-medium'}`}>{c.patient}</span>{c.lastAt && <span className="note text-xs whitespace-nowrap">{when(c.lastAt)}</span>}</span>
          <span className="flex justify-between gap-2"><span className="note truncate">{c.lastBody ?? 'Nothing written yet'}</span>{c.unread > 0 && <span className="rounded-full bg-clay-500 px-1.5 text-xs leading-5 font-semibold text-white">{c.unread}</span>}</span>
        </span>
      </Link>
    </li>
  )
}
