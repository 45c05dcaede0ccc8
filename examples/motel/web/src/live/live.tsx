'use client'
import { createContext, useContext, useEffect, useRef, useState, type ReactNode } from 'react'
import { io, type Socket } from 'socket.io-client'
import { keepSession, type Session } from '@/session/session'

export type LiveEvent = 'suite' | 'task' | 'note' | 'notification'

interface Live {
  state: 'connecting' | 'live' | 'offline'
  /** How often the socket has come; what was missed in between has to be asked for. */
  connections: number
  socket: Socket | null
}

const LiveContext = createContext<Live>({ state: 'connecting', connections: 0, socket: null })

export const useLive = () => useContext(LiveContext)

export function LiveProvider({ session, children }: { session: Session; children: ReactNode }) {
  const [live, setLive] = useState<Live>({ state: 'connecting', connections: 0, socket: null })
  useEffect(() => {
    // Not by polling first: that needs all requests of one socket to reach the same instance.
    const socket = io({ auth: { token: session.token }, transports: ['websocket'], reconnectionDelayMax: 3000 })
    const offline = () => setLive(before => ({ ...before, state: 'offline' }))
    socket.on('connect', () => setLive(before => ({ state: 'live', connections: before.connections + 1, socket })))
    socket.on('disconnect', offline)
    socket.on('connect_error', error => {
      if (error.message === 'Log in, please.') keepSession(null)
      offline()
    })
    return () => void socket.close()
  }, [session.token])
  return <LiveContext value={live}>{children}</LiveContext>
}

/** Calls back on these events, and once more whenever the socket has come back. */
export function useEvents(events: LiveEvent[], callback: () => void) {
  const { socket, connections } = useLive()
  const latest = useRef(callback)
  useEffect(() => {
    latest.current = callback
  })
  const names = events.join()
  useEffect(() => {
    if (!socket) return
    const call = () => latest.current()
    const list = names.split(',')
    for (const name of list) socket.on(name, call)
    return () => {
      for (const name of list) socket.off(name, call)
    }
  }, [socket, names])
  useEffect(() => {
    if (connections > 1) latest.current()
  }, [connections])
}
