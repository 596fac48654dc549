// Light and dark: what the reader's machine asks for, or what was chosen here. The page's own colours are in style.css; those of the map
// are here, as it is drawn on a canvas.

import { keep, kept } from './kept'

export const themes = ['auto', 'light', 'dark'] as const
export type ThemeChoice = (typeof themes)[number]
export type Theme = 'light' | 'dark'

export interface Palette {
  ground: string
  empty: string // where nobody lives
  street: string
  ink: string // of names
  halo: string
  border: string
  marked: string // the selected place
  beside: string // what it is compared with
  touched: string // what has just changed
  hatchGround: string
  hatchStroke: string
  ramp: string[] // from little to much: away from the ground
  below: string[] // zero, from far below to near
  above: string[] // zero, from near to far above
  zero: string // about zero
}

// The sequential scheme is YlGnBu, the diverging one PuOr of ColorBrewer (Cynthia Brewer, Apache-2.0); both are safe for colour-blind readers.
// In the dark they run the other way, so that what is much stands out from the ground here too; steps that would be lost on a ground are left out.
export const palettes: Record<Theme, Palette> = {
  light: {
    ground: '#f6f5f1',
    empty: '#fdfcfa',
    street: '#8b8990',
    ink: '#14213d',
    halo: 'rgba(255,255,255,0.92)',
    border: '#4a4458',
    marked: '#c2255c',
    beside: '#e8590c',
    touched: '#c2255c',
    hatchGround: '#e3e1dc',
    hatchStroke: '#8d8a83',
    ramp: ['#dff2b8', '#c7e9b4', '#7fcdbb', '#41b6c4', '#1d91c0', '#225ea8', '#253494', '#081d58'],
    below: ['#b35806', '#e08214', '#fdb863', '#fee0b6'],
    above: ['#d8daeb', '#b2abd2', '#8073ac', '#542788'],
    zero: '#efedf0',
  },
  dark: {
    ground: '#14171d',
    empty: '#232833',
    street: '#565d6b',
    ink: '#f1f3f7',
    halo: 'rgba(16,19,24,0.9)',
    border: '#c9c4d6',
    marked: '#ff6b9d',
    beside: '#ffa94d',
    touched: '#ff6b9d',
    hatchGround: '#2a2e37',
    hatchStroke: '#6f7683',
    ramp: ['#2a3a86', '#2d57a5', '#2475b4', '#2b93bd', '#45b3c2', '#7fcdbb', '#c7e9b4', '#f4fbc6'],
    below: ['#ffc37a', '#e08214', '#a85a12', '#6b4626'],
    above: ['#4b4468', '#7566a3', '#a697cf', '#d9d2f2'],
    zero: '#3d3d47',
  },
}

const keptAs = 'arpent-theme'
const machine = matchMedia('(prefers-color-scheme: dark)')

export function themeChoice(): ThemeChoice {
  const choice = kept(keptAs)
  return choice === 'light' || choice === 'dark' ? choice : 'auto'
}

export function theme(): Theme {
  const choice = themeChoice()
  return choice === 'auto' ? (machine.matches ? 'dark' : 'light') : choice
}

export const chooseTheme = (choice: ThemeChoice): void => keep(keptAs, choice)

// wearTheme tells the style sheet.
export function wearTheme(): void {
  document.documentElement.dataset['theme'] = theme()
}

export const onMachineTheme = (changed: () => void): void => machine.addEventListener('change', changed)
