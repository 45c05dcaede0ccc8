import { Injectable, type OnModuleDestroy } from '@nestjs/common'
import { PrismaPg } from '@prisma/adapter-pg'
import { Config } from '../config/config'
import { PrismaClient } from '../generated/prisma/client'

const PATIENCE_MS = 5000

/** The Prisma client. It connects with the first query, so an instance starts while the database is away. */
@Injectable()
export class Database extends PrismaClient implements OnModuleDestroy {
  constructor(config: Config) {
    const adapter = new PrismaPg({
      connectionString: config.databaseUrl,
      max: config.poolSize,
      connectionTimeoutMillis: PATIENCE_MS,
    })
    super({ adapter })
  }

  async onModuleDestroy() {
    await this.$disconnect()
  }
}
