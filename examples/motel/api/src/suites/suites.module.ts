import { Module } from '@nestjs/common'
import { NotificationsModule } from '../notifications/notifications.module'
import { Suites } from './suites'
import { SuitesController } from './suites.controller'

@Module({ imports: [NotificationsModule], controllers: [SuitesController], providers: [Suites] })
export class SuitesModule {}
