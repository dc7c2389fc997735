export { OmniQError, errorCodes, isOmniQError, type OmniQErrorCode } from './errors.ts';
