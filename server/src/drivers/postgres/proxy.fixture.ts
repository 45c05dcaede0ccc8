import { type AddressInfo, connect, createServer } from 'node:net'

/** A port of this machine behind which a unix socket answers. */
export async function portFor(socket: string): Promise<{ port: number; close(): void }> {
  const server = createServer(client => {
    const to = connect(socket)
    client.pipe(to).pipe(client)
    client.on('error', () => to.destroy()).on('close', () => to.destroy())
    to.on('error', () => client.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() }
}
