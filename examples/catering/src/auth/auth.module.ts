import { Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { JwtModule } from '@nestjs/jwt'
import { AccountsModule } from '../accounts/accounts.module.ts'
import { Config } from '../config.ts'
import { AccessGuard } from './access.guard.ts'
import { ACCESS_SECONDS, AccessTokens } from './access-tokens.service.ts'
import { AuthController } from './auth.controller.ts'
import { AuthService } from './auth.service.ts'
import { Expiry } from './expiry.service.ts'
import { RefreshTokens } from './refresh-tokens.service.ts'

const jwt = JwtModule.registerAsync({
  inject: [Config],
  useFactory: ({ jwtSecret }: Config) => ({
    secret: jwtSecret,
    signOptions: { algorithm: 'HS256', expiresIn: ACCESS_SECONDS },
    verifyOptions: { algorithms: ['HS256'] },
  }),
})

@Module({
  imports: [AccountsModule, jwt],
  controllers: [AuthController],
  providers: [AuthService, AccessTokens, RefreshTokens, Expiry, { provide: APP_GUARD, useClass: AccessGuard }],
})
export class AuthModule {}
