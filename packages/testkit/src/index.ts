export { virtualAmbient, type VirtualAmbient } from './virtual-ambient.ts';
