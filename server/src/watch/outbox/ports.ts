import type { App } from '../../apps/app/app.ts'
import type { Release } from '../../apps/releases/release.ts'
import type { TemplateStore } from '../../apps/templates/store.ts'
import type { Renderer } from '../../apps/templates/template.ts'
import type { Store } from '../../db/db.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Messages } from '../messages/messages.ts'

/** What the outbox needs of the keeper. */
export interface OutboxPorts {
  store: Store
  templates: TemplateStore
  renderer: Pick<Renderer, 'render' | 'samples'>
  /** null: there is no such app. */
  app(name: string): Promise<App | null>
  release(app: string, id: string): Promise<Pick<Release, 'config' | 'source'> | null>
  messages: Pick<Messages, 'wake' | 'known' | 'channels'>
  clock: Clock
  /** A strong random text of letters and digits. */
  random(length: number): string
  sha256(text: string): string
  onDefect(error: unknown): void
}
