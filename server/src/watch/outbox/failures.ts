import { Failure } from '../../kernel/failure.ts'

export const invalid = (why: string): Failure =>
  new Failure('outbox.invalid', 'the message cannot be taken', {
    why,
    fix: 'correct what the app sends; docs/messages.md has each field',
  })

export const notServing = (app: string): Failure =>
  new Failure('outbox.down', `${app} has no release that serves yet`, {
    why: 'templates and channels are those of the release that serves',
    fix: 'send again when it serves; the SDK does so by itself',
  })

export const noChannel = (app: string, way: string): Failure =>
  new Failure('outbox.no-channel', `${app} names no channel for ${way}`, {
    why: "messages: of innkeeper.yaml says by which of the server's channels the app sends",
    fix: `add messages: { ${way}: CHANNEL } and deploy; \`inn notify list\` shows the channels`,
  })

export const wrongChannel = (channel: string, way: string): Failure =>
  new Failure('outbox.no-channel', `the channel ${channel} sends no ${way}`, {
    why: 'it was removed, or is of another kind',
    fix: '`inn notify list` shows the channels; then correct messages: of innkeeper.yaml',
  })

export const notGranted = (app: string, channel: string): Failure =>
  new Failure('outbox.not-granted', `${app} may not send by the channel ${channel}`, {
    why: 'a file in a repository cannot take a channel of the server: an admin gives it',
    fix: `\`inn outbox allow ${channel} --app ${app}\``,
    facts: { app, channel },
  })

export const otherContent = (key: string): Failure =>
  new Failure('outbox.key', `another message was taken with the key ${key}`, {
    why: 'a key stands for one message, so that a second try is no second message',
    fix: 'make the key of what the message is about, as welcome:BOOKING, and of its version where it changes',
    facts: { key },
  })

export const spent = (app: string, channel: string, perDay: number): Failure =>
  new Failure('outbox.spent', `${app} has sent ${perDay} messages by ${channel} in 24 hours`, {
    why: 'so many it may',
    fix: `look for a loop in the app; \`inn outbox allow ${channel} --app ${app} --per-day N\` allows more`,
  })

export const full = (app: string): Failure =>
  new Failure('outbox.full', `too many messages of ${app} wait`, {
    why: 'what waits of an app has a bound, so that none takes the disk of all',
    fix: `\`inn outbox list ${app}\` shows what they wait for`,
  })

export const tooLate = (id: string, state: string): Failure =>
  new Failure('outbox.too-late', `the message ${id} cannot be cancelled: it is ${state}`, {
    why: 'only what waits for its time can be',
    fix: `\`inn outbox show ${id}\` shows what became of it`,
  })

export const unknown = (id: string): Failure =>
  new Failure('outbox.unknown', `there is no message ${id}`, {
    why: "it was never taken, was another app's, or ended more than 30 days ago",
    fix: '`inn outbox list APP` shows the latest',
  })

export const unknownGrant = (app: string, channel: string): Failure =>
  new Failure('outbox.grant.unknown', `${app} was not allowed to send by ${channel}`, {
    why: 'there is nothing to take back',
    fix: '`inn outbox grants` shows what is allowed',
  })

export const unknownSuppressed = (address: string): Failure =>
  new Failure('outbox.suppressed.unknown', `${address} is not suppressed there`, {
    why: 'nothing sent to it by that channel bounced',
    fix: '`inn outbox suppressed` shows all',
  })
