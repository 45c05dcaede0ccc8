import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { io, type Socket } from 'socket.io-client'
import { useQuery } from '../api.ts'
import type { Account, Conversation } from '../types.ts'

interface Line {
  socket: Socket | undefined
  connected: boolean
  conversations: Conversation[]
}

const Context = createContext<Line>({ socket: undefined, connected: false, conversations: [] })

/**
 * The one connection of a page. Only as a WebSocket: long polling would need all of its requests to meet the same
 * instance, and there may be several.
 */
export function ChatLine({ account, children }: { account: Account; children: ReactNode }) {
  const talks = account.role !== 'admin'
  const { data, reload } = useQuery<Conversation[]>(talks ? '/conversations' : undefined)
  const [connected, setConnected] = useState(false)
  const socket = useMemo(() => (talks ? io({ transports: ['websocket'], autoConnect: false }) : undefined), [talks])
  useEffect(() => {
    if (!socket) return
    const again = () => void reload()
    const up = () => {
      setConnected(true)
      again()
    }
    const down = () => setConnected(false)
    socket.on('connect', up).on('disconnect', down)
    for (const event of EVENTS) socket.on(event, again)
    socket.connect()
    return () => {
      socket.removeAllListeners()
      socket.disconnect()
    }
  }, [socket, reload])
  return <Context value={{ socket, connected, conversations: data ?? [] }}>{children}</Context>
}

/** After each of them, something stands differently in the database. */
export const EVENTS = ['message', 'read', 'resync'] as const

export const useLine = () => useContext(Context)
export const useUnread = () => useLine().conversations.reduce((sum, { unread }) => sum + unread, 0)
