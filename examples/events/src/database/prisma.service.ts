import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import { PrismaPg } from '@prisma/adapter-pg'
import { Config } from '../config.ts'
import { type Prisma, PrismaClient } from '../generated/prisma/client.ts'

/** The client itself, or a transaction of it. */
export type Database = Prisma.TransactionClient

@Injectable()
export class PrismaService extends PrismaClient implements OnApplicationShutdown {
  constructor(config: Config) {
    const pool = { connectionString: config.databaseUrl, max: config.poolSize, connectionTimeoutMillis: 3000 }
    super({ adapter: new PrismaPg(pool) })
  }

  // The last of the shutdown hooks: requests, polling and sending have ended before.
  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect()
  }
}
