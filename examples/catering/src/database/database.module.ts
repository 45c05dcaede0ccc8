import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common'
import { Config } from '../config.ts'
import { DATABASE, openDatabase, type PooledDatabase } from './database.ts'

@Global()
@Module({
  providers: [
    { provide: Config, useFactory: () => new Config(process.env) },
    {
      provide: DATABASE,
      inject: [Config],
      useFactory: (config: Config) => openDatabase(config.databaseUrl, config.poolSize),
    },
  ],
  exports: [Config, DATABASE],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly db: PooledDatabase) {}

  // The last of the shutdown hooks: requests and jobs have ended before.
  async onApplicationShutdown(): Promise<void> {
    await this.db.$client.end()
  }
}
