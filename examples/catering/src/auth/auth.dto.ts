import { ApiProperty } from '@nestjs/swagger'
import { IsString, Length } from 'class-validator'
import { IsAddress } from '../accounts/users.dto.ts'

export class LogIn {
  @IsAddress()
  email!: string

  @ApiProperty()
  @IsString()
  @Length(1, 200)
  password!: string
}

export class WithRefreshToken {
  @ApiProperty()
  @IsString()
  @Length(1, 200)
  refreshToken!: string
}

export class Tokens {
  @ApiProperty()
  accessToken!: string

  @ApiProperty({ description: 'For one use: the answer has the next one' })
  refreshToken!: string

  @ApiProperty({ description: 'Seconds that the access token is good for' })
  expiresIn!: number
}
