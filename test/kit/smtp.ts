import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

export interface Mail {
  to: string
  id: string
  raw: string
}

/** A mail server that takes all mail, and refuses addresses that begin with `gone`. */
export async function mailServer() {
  const mails: Mail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo({ address }, _, done) {
      const refusal = Object.assign(new Error('no such user'), { responseCode: 550 })
      done(address.startsWith('gone') ? refusal : null)
    },
    onData(stream, { envelope }, done) {
      text(stream).then(
        raw => {
          const id = /^Message-ID: (.*)$/im.exec(raw)?.[1] ?? ''
          // Long lines come in two, with = at the end of the first.
          const whole = raw.replaceAll('=\r\n', '').replaceAll('=3D', '=')
          for (const { address } of envelope.rcptTo) mails.push({ to: address, id, raw: whole })
          done()
        },
        error => done(error as Error),
      )
    },
  })
  server.on('error', () => {})
  const { server: listener } = server
  server.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    port: (listener.address() as AddressInfo).port,
    mails,
    to: (address: string) => mails.filter(one => one.to === address),
    close: () => server.close(),
  }
}
