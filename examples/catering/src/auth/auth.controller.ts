import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger'
import { LogIn, Tokens, WithRefreshToken } from './auth.dto.ts'
import { AuthService } from './auth.service.ts'
import { type Caller, CurrentCaller } from './caller.ts'
import { Open, Roles } from './roles.ts'

@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Post('login')
  @Open()
  @HttpCode(200)
  @ApiOkResponse({ type: Tokens })
  logIn(@Body() input: LogIn): Promise<Tokens> {
    return this.auth.logIn(input)
  }

  @Post('refresh')
  @Open()
  @HttpCode(200)
  @ApiOkResponse({ type: Tokens })
  refresh(@Body() { refreshToken }: WithRefreshToken): Promise<Tokens> {
    return this.auth.refresh(refreshToken)
  }

  /** With the refresh token alone, so that it works after the access token has expired. */
  @Post('logout')
  @Open()
  @HttpCode(204)
  logOut(@Body() { refreshToken }: WithRefreshToken): Promise<void> {
    return this.auth.logOut(refreshToken)
  }

  @Get('me')
  @ApiBearerAuth()
  @Roles('admin', 'caterer', 'customer')
  me(@CurrentCaller() caller: Caller) {
    return this.auth.me(caller.id)
  }
}
