import { BullModule } from '@nestjs/bullmq'
import { Module, type DynamicModule } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { AuthModule } from './auth/auth.module'
import type { Config } from './config/config'
import { ConfigModule } from './config/config.module'
import { DatabaseModule } from './database/database.module'
import { DatabaseFailures } from './database/failures.filter'
import { EmployeesModule } from './employees/employees.module'
import { HealthModule } from './health/health.module'
import { LiveModule } from './live/live.module'
import { MetricsModule } from './metrics/metrics.module'
import { NotesModule } from './notes/notes.module'
import { NotificationsModule } from './notifications/notifications.module'
import { retryStrategy } from './redis/redis'
import { RedisModule } from './redis/redis.module'
import { ShiftsModule } from './shifts/shifts.module'
import { SuitesModule } from './suites/suites.module'
import { TasksModule } from './tasks/tasks.module'

@Module({})
export class AppModule {
  static with(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        BullModule.forRoot({ connection: { url: config.redisUrl, retryStrategy }, prefix: 'motel:queue' }),
        DatabaseModule,
        RedisModule,
        AuthModule,
        LiveModule,
        NotificationsModule,
        EmployeesModule,
        ShiftsModule,
        SuitesModule,
        TasksModule,
        NotesModule,
        HealthModule,
        MetricsModule,
      ],
      providers: [{ provide: APP_FILTER, useClass: DatabaseFailures }],
    }
  }
}
