//! One frequency of the model: its components put together.

use super::atmosphere::{
    Atmosphere, AtmosphereModel, RegressionAtmosphere, StandardProfile, pellarin, regression,
    standard_atmosphere, ulaby,
};
use super::constants::{FREEZING_K, ICE_BELOW_C};
use super::effective_temperature::{EffectiveTemperature, SoilProfile, effective_temperature};
use super::layers::{Below, Layer, seen_from_above, under, with_sky};
use super::params::{DielectricTemperature, MicrowaveParams, Surface, Tile, VegetationWater};
use super::parts::{AnySoil, Leaves, MironovSoil, RoughHeight};
use super::reflectivity::{RoughGround, Roughness, fresnel, rough};
use super::sensor::Channel;
use super::snow::{SnowLayer, snow};
use super::soil::{SoilDielectric, SoilState, SoilTexture, is_dry_sand, soil};
use super::state::{HOTTEST_K, LandVariable};
use super::vegetation::{Canopy, VegetationOpacity, VegetationType, optical_depth};
use super::water::{Reading, ice, sea_water};
use super::wave::{Incidence, Polarized, Wave};
use crate::error::PhysicsError;
use crate::number::{Mask as _, Real, choose, inlined, outlined};

/// The albedo of plants where none is given.
const ALBEDO: f64 = 0.05;
/// Water of low vegetation in kg m⁻² for each unit of leaf area.
const WATER_A_LEAF_AREA: f64 = 0.5;

/// The components at one frequency.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ChannelModel {
    wave: Wave,
    incidence: Option<Incidence<f64>>,
    params: MicrowaveParams,
    regression: Option<RegressionAtmosphere>,
}

/// Smooth ground with its effective temperature.
#[derive(Debug, Clone, Copy)]
struct Ground<T> {
    texture: SoilTexture<T>,
    reflectivity: Polarized<T>,
    temperature_k: T,
}

impl ChannelModel {
    /// The components of `params` at one of its channels, exchanged where it says so.
    pub(super) fn new(channel: &Channel, params: &MicrowaveParams) -> Result<Self, PhysicsError> {
        let wave = Wave::new(channel.frequency_ghz)?;
        let params = params.at(wave);
        let regression = (params.atmosphere == AtmosphereModel::Regression)
            .then(|| RegressionAtmosphere::at(wave))
            .transpose()?;
        Ok(Self {
            wave,
            incidence: channel.incidence_deg.map(Incidence::new),
            params,
            regression,
        })
    }

    /// Whether the model at this channel reads an input.
    pub(super) fn reads(&self, variable: LandVariable) -> bool {
        use LandVariable as V;
        let params = &self.params;
        let has = |tiles: &[Tile]| match params.surface {
            Surface::Mixed => true,
            Surface::Tile(tile) => tiles.contains(&tile),
        };
        let has_soil = !matches!(params.surface, Surface::Tile(Tile::OpenWater));
        let has_low = has(&[Tile::LowVegetation, Tile::LowVegetationSnow]);
        let has_high = has(&[Tile::HighVegetation, Tile::HighVegetationSnow]);
        let has_snow = matches!(params.surface, Surface::Mixed)
            || matches!(params.surface, Surface::Tile(tile) if tile.has_snow());
        let has_water = has(&[Tile::OpenWater]);
        let opacity = params.vegetation_opacity;
        let is_opaque = opacity != VegetationOpacity::Transparent;
        let by_water = is_opaque && opacity != VegetationOpacity::Wigneron;
        let is_given = params.vegetation_water == VegetationWater::Given;
        let air = params.atmosphere;
        let by_profile = matches!(air, AtmosphereModel::Liebe | AtmosphereModel::Regression);
        match variable {
            V::SoilMoisture | V::Sand | V::Clay | V::SurfaceTemperature => has_soil,
            V::DeepTemperature => has_soil && params.effective_temperature != EffectiveTemperature::Surface,
            V::VegetationTemperature => (has_low || has_high) && is_opaque,
            V::LeafAreaIndex => {
                has_low && (opacity == VegetationOpacity::Wigneron || (by_water && !is_given))
            }
            V::LowVegetationWater => has_low && by_water && is_given,
            V::HighVegetationWater => has_high && by_water && is_given,
            V::Roughness => {
                let by_height = match params.roughness {
                    Roughness::Smooth => false,
                    // Their height follows from soil and plants, the mixing of polarisations does not.
                    Roughness::WigneronTexture | Roughness::Wigneron => self.wave.frequency_ghz() >= 2.0,
                    _ => true,
                };
                has_soil && by_height
            }
            V::SnowDepth | V::SnowDensity | V::SnowWater | V::SnowTemperature => has_snow,
            V::WaterTemperature | V::Salinity => has_water,
            V::LowVegetation | V::HighVegetation | V::OpenWater | V::SnowCover => {
                params.surface == Surface::Mixed
            }
            V::AirTemperature => {
                by_profile || matches!(air, AtmosphereModel::Pellarin | AtmosphereModel::Ulaby)
            }
            V::Elevation => air == AtmosphereModel::Pellarin,
            V::SurfacePressure | V::ColumnVapour => by_profile,
            V::OpticalDepth | V::Upwelling | V::Downwelling => air == AtmosphereModel::Given,
            V::IncidenceAngle => self.incidence.is_none(),
        }
    }

    /// Whether the roughness of this channel ends at an incidence of 70°.
    pub(super) fn ends_at_70_deg(&self) -> bool {
        self.params.roughness == Roughness::WegmullerMatzler
            && !matches!(self.params.surface, Surface::Tile(Tile::OpenWater))
    }

    /// Whether the air of this channel follows from the regression.
    pub(super) fn has_regression(&self) -> bool {
        self.regression.is_some()
    }

    /// The constant incidence angle in degrees.
    pub(super) fn incidence_deg(&self) -> Option<f64> {
        self.incidence.map(|incidence| incidence.angle_deg)
    }

    /// The brightness temperature above the atmosphere in K.
    #[inline(always)]
    pub(super) fn brightness_temperature_k<T: Real>(
        &self,
        read: &impl Fn(LandVariable) -> T,
    ) -> Polarized<T> {
        let incidence = match self.incidence {
            Some(incidence) => incidence.lift(read(LandVariable::SurfaceTemperature)),
            None => Incidence::new(read(LandVariable::IncidenceAngle)),
        };
        let air = self.atmosphere(incidence, read);
        let surface = match self.params.surface {
            Surface::Tile(Tile::OpenWater) => self.open_water(incidence, air.downwelling_k, read),
            Surface::Tile(tile) => {
                let ground = self.ground(incidence, read);
                self.land(tile, incidence, ground, air.downwelling_k, read)
            }
            Surface::Mixed => self.mixed(incidence, air.downwelling_k, read),
        };
        if self.params.atmosphere == AtmosphereModel::None {
            return surface;
        }
        surface.map(
            #[inline(always)]
            |surface| surface * air.transmittance + air.upwelling_k,
        )
    }

    #[inline(always)]
    fn atmosphere<T: Real>(
        &self,
        incidence: Incidence<T>,
        read: &impl Fn(LandVariable) -> T,
    ) -> Atmosphere<T> {
        outlined!(incidence.cos, {
            use LandVariable as V;
            let profile = inlined!(|| StandardProfile {
                air_temperature_k: read(V::AirTemperature),
                surface_pressure_pa: read(V::SurfacePressure),
                column_vapour_kg_m2: read(V::ColumnVapour),
            });
            match (self.params.atmosphere, self.regression) {
                (AtmosphereModel::Given, _) => Atmosphere {
                    transmittance: (-(read(V::OpticalDepth) / incidence.cos)).exp(),
                    upwelling_k: read(V::Upwelling),
                    downwelling_k: read(V::Downwelling),
                },
                (AtmosphereModel::Pellarin, _) => {
                    pellarin(incidence, read(V::Elevation), read(V::AirTemperature))
                }
                (AtmosphereModel::Ulaby, _) => ulaby(
                    self.wave,
                    incidence,
                    read(V::AirTemperature),
                    self.params.ulaby_decibel,
                ),
                (AtmosphereModel::Liebe, _) => incidence.cos.outlined(
                    #[inline(always)]
                    || standard_atmosphere(self.wave, incidence, profile()),
                ),
                (AtmosphereModel::Regression, Some(of)) => regression(of, incidence, profile()),
                (AtmosphereModel::None | AtmosphereModel::Regression, _) => Atmosphere::none(incidence.cos),
            }
        })
    }

    /// All tiles by their fractions.
    #[inline(always)]
    fn mixed<T: Real>(
        &self,
        incidence: Incidence<T>,
        sky_k: T,
        read: &impl Fn(LandVariable) -> T,
    ) -> Polarized<T> {
        outlined!(incidence.cos, {
            use LandVariable as V;
            let (low, high, water) = (
                read(V::LowVegetation),
                read(V::HighVegetation),
                read(V::OpenWater),
            );
            let snow = read(V::SnowCover);
            let bare = -(low + high + water) + 1.0;
            let clear = -snow + 1.0;
            let fractions = [
                bare * clear,
                bare * snow,
                low * clear,
                low * snow,
                high * clear,
                high * snow,
                water,
            ];
            let ground = self.ground(incidence, read);
            let mut sum = Polarized::both(low.constant(0.0));
            for (i, tile) in Tile::ALL.into_iter().enumerate() {
                let fraction = fractions[i];
                let with_tile = inlined!(|| {
                    let brightness = match tile {
                        Tile::OpenWater => self.open_water(incidence, sky_k, read),
                        _ => self.land(tile, incidence, ground, sky_k, read),
                    };
                    sum.zip(
                        brightness,
                        #[inline(always)]
                        |sum, brightness| sum + brightness * fraction,
                    )
                });
                // The derivative to a fraction of 0 is that of the tile it would bring.
                sum = if T::DIFFERENTIATES {
                    with_tile()
                } else {
                    choose!(fraction.is_zero(), sum, with_tile())
                };
            }
            sum
        })
    }

    /// The brightness temperature above the plants of one tile of land in K.
    #[inline(always)]
    fn land<T: Real>(
        &self,
        tile: Tile,
        incidence: Incidence<T>,
        ground: Ground<T>,
        sky_k: T,
        read: &impl Fn(LandVariable) -> T,
    ) -> Polarized<T> {
        outlined!(incidence.cos, {
            let soil = inlined!(|cover| self.rough_soil(incidence, ground, cover, read));
            let layer = inlined!(|cover| self.plants(incidence, cover, read));
            let (low, high) = (self.params.low_vegetation, self.params.high_vegetation);
            match tile {
                Tile::BareSoil | Tile::OpenWater => with_sky(soil(VegetationType::BareSoil), sky_k),
                Tile::LowVegetation => under(layer(low), soil(low), sky_k),
                Tile::HighVegetation => under(layer(high), soil(high), sky_k),
                Tile::BareSoilSnow => self.with_sky_on_snow(
                    self.snow(incidence, soil(VegetationType::BareSoil), sky_k, read),
                    sky_k,
                ),
                Tile::LowVegetationSnow => {
                    let buried = seen_from_above(layer(low), soil(low));
                    self.with_sky_on_snow(self.snow(incidence, buried, sky_k, read), sky_k)
                }
                Tile::HighVegetationSnow => {
                    let snow = self.snow(incidence, soil(high), sky_k, read);
                    under(layer(high), snow, sky_k)
                }
            }
        })
    }

    #[inline(always)]
    fn ground<T: Real>(&self, incidence: Incidence<T>, read: &impl Fn(LandVariable) -> T) -> Ground<T> {
        outlined!(incidence.cos, {
            use LandVariable as V;
            let params = &self.params;
            let texture = SoilTexture {
                sand_percent: read(V::Sand),
                clay_percent: read(V::Clay),
            };
            let (soil_moisture, surface) = (read(V::SoilMoisture), read(V::SurfaceTemperature));
            let profile = SoilProfile {
                texture,
                soil_moisture,
                surface_temperature_k: surface,
                deep_temperature_k: read(V::DeepTemperature),
            };
            let effective = effective_temperature(self.wave, params.effective_temperature, profile);
            // What is extrapolated beyond the surface may leave the range in which water is described.
            let described = match params.effective_temperature {
                EffectiveTemperature::WigneronUnbounded => effective.at_most(HOTTEST_K),
                _ => effective,
            };
            let state = SoilState {
                texture,
                soil_moisture,
                temperature_k: match params.dielectric_temperature {
                    DielectricTemperature::Effective => described,
                    DielectricTemperature::Surface => surface,
                },
            };
            let [h, v] = if let Some(incidence) = self.incidence {
                self.smooth(incidence, state)
            } else {
                surface.outlined(
                    #[inline(always)]
                    || {
                        let dielectric = soil(self.wave, state, params.soil_dielectric, params.ice_sign);
                        let reflected = fresnel(incidence, dielectric);
                        [reflected.h, reflected.v]
                    },
                )
            };
            Ground {
                texture,
                reflectivity: Polarized { h, v },
                temperature_k: effective,
            }
        })
    }

    /// What smooth soil reflects at a constant angle.
    #[inline(always)]
    fn smooth<T: Real>(&self, incidence: Incidence<f64>, state: SoilState<T>) -> [T; 2] {
        outlined!(state.temperature_k, {
            let (wave, model, ice_sign) = (self.wave, self.params.soil_dielectric, self.params.ice_sign);
            let temperature = state.temperature_k;
            let (clay, moisture) = (state.texture.clay_percent, state.soil_moisture);
            let any_soil = inlined!(|| {
                let soil = AnySoil {
                    wave,
                    incidence,
                    model,
                    ice_sign,
                };
                let inputs = [state.texture.sand_percent, clay, moisture, temperature];
                temperature.outlined(
                    #[inline(always)]
                    || T::stage(&soil, inputs),
                )
            });
            if model != SoilDielectric::Mironov {
                return any_soil();
            }
            let is_frozen = (temperature - FREEZING_K).is_below(ICE_BELOW_C);
            choose!(
                is_frozen.or(is_dry_sand(wave, state)),
                any_soil(),
                T::stage(&MironovSoil { wave, incidence }, [clay, moisture])
            )
        })
    }

    #[inline(always)]
    fn rough_soil<T: Real>(
        &self,
        incidence: Incidence<T>,
        ground: Ground<T>,
        cover: VegetationType,
        read: &impl Fn(LandVariable) -> T,
    ) -> Below<T> {
        outlined!(incidence.cos, {
            let roughness = RoughGround {
                roughness_cm: read(LandVariable::Roughness),
                soil_moisture: read(LandVariable::SoilMoisture),
                texture: ground.texture,
                cover,
            };
            let model = self.params.roughness;
            let reflectivity = match self.incidence {
                // Only the height counts.
                Some(angle) if model == Roughness::WegmullerMatzler => {
                    let part = RoughHeight {
                        wave: self.wave,
                        incidence: angle,
                    };
                    let [h, v] = T::stage(&part, [roughness.roughness_cm]);
                    let smooth = ground.reflectivity;
                    let is_smooth = roughness.roughness_cm.is_zero();
                    let of_v = T::blend(is_smooth, smooth.v, smooth.h);
                    Polarized {
                        h: smooth.h * h,
                        v: of_v * v,
                    }
                }
                _ => rough(self.wave, incidence, model, ground.reflectivity, roughness),
            };
            Below {
                reflectivity,
                emission_k: reflectivity.map(
                    #[inline(always)]
                    |reflected| (-reflected + 1.0) * ground.temperature_k,
                ),
            }
        })
    }

    #[inline(always)]
    fn plants<T: Real>(
        &self,
        incidence: Incidence<T>,
        kind: VegetationType,
        read: &impl Fn(LandVariable) -> T,
    ) -> Layer<T> {
        outlined!(incidence.cos, {
            use LandVariable as V;
            let params = &self.params;
            let leaf_area_index = if kind.is_low() {
                read(V::LeafAreaIndex)
            } else {
                read(V::VegetationTemperature).constant(0.0)
            };
            let water_kg_m2 = match (params.vegetation_water, kind.is_low()) {
                (VegetationWater::FromLeafArea, true) => leaf_area_index * WATER_A_LEAF_AREA,
                (VegetationWater::FromLeafArea, false) => leaf_area_index.constant(kind.forest_water_kg_m2()),
                (VegetationWater::Given, true) => read(V::LowVegetationWater),
                (VegetationWater::Given, false) => read(V::HighVegetationWater),
            };
            let temperature_k = read(V::VegetationTemperature);
            let canopy = Canopy {
                kind,
                water_kg_m2,
                leaf_area_index,
                temperature_k,
            };
            let opacity = params.vegetation_opacity;
            let depth = match self.incidence {
                // Proportional to the water; the rest depends on temperature alone.
                Some(incidence) if opacity == VegetationOpacity::Wegmuller => {
                    let leaves = Leaves {
                        wave: self.wave,
                        incidence,
                        ice_sign: params.ice_sign,
                        structure: kind.structure(),
                    };
                    let [h, v] = T::stage(&leaves, [temperature_k]);
                    Polarized { h, v }.map(
                        #[inline(always)]
                        |depth| depth * water_kg_m2,
                    )
                }
                _ => temperature_k.outlined(
                    #[inline(always)]
                    || optical_depth(self.wave, incidence, opacity, canopy, params.ice_sign),
                ),
            };
            let albedo = params.scattering_albedo.unwrap_or(match opacity {
                VegetationOpacity::Wigneron => kind.wigneron_albedo(),
                _ => ALBEDO,
            });
            let transmissivity = depth.map(
                #[inline(always)]
                |depth| (-depth).exp(),
            );
            let emits = temperature_k * (1.0 - albedo);
            Layer {
                transmissivity,
                emission_k: transmissivity.map(
                    #[inline(always)]
                    |passed| emits - emits * passed,
                ),
            }
        })
    }

    /// Snow on whatever is below it.
    #[inline(always)]
    fn snow<T: Real>(
        &self,
        incidence: Incidence<T>,
        below: Below<T>,
        sky_k: T,
        read: &impl Fn(LandVariable) -> T,
    ) -> Below<T> {
        outlined!(incidence.cos, {
            use LandVariable as V;
            let layer = SnowLayer {
                depth_m: read(V::SnowDepth),
                density_g_cm3: read(V::SnowDensity),
                liquid_water: read(V::SnowWater),
                temperature_k: read(V::SnowTemperature),
            };
            let (reflectivity, temperature_k) = match self.params.snow {
                Reading::Corrected => {
                    let temperature = inlined!(|emitted: T, reflected: T| emitted / (-reflected + 1.0));
                    (
                        below.reflectivity,
                        below.emission_k.zip(below.reflectivity, temperature),
                    )
                }
                // What leaves the ground, the sky's reflection in it included, is taken for emission at the surface's
                // temperature.
                Reading::Original => {
                    let surface = read(V::SurfaceTemperature);
                    let leaving = with_sky(below, sky_k);
                    (
                        leaving.map(
                            #[inline(always)]
                            |leaving| -(leaving / surface) + 1.0,
                        ),
                        Polarized::both(surface),
                    )
                }
            };
            let emitted = sky_k.outlined(
                #[inline(always)]
                || {
                    snow(
                        self.wave,
                        incidence,
                        layer,
                        reflectivity,
                        temperature_k,
                        self.params.snow,
                    )
                },
            );
            Below {
                reflectivity: emitted.emissivity.map(
                    #[inline(always)]
                    |emissivity| -emissivity + 1.0,
                ),
                emission_k: emitted.brightness_temperature_k,
            }
        })
    }

    /// Adds the sky that snow reflects.
    ///
    /// DIFFERENCE: CMEM counts the sky as reflected by the ground below the snow and not by the snow;
    /// [`Reading::Original`] does the same.
    #[inline(always)]
    fn with_sky_on_snow<T: Real>(&self, snow: Below<T>, sky_k: T) -> Polarized<T> {
        match self.params.snow {
            Reading::Corrected => with_sky(snow, sky_k),
            Reading::Original => snow.emission_k,
        }
    }

    #[inline(always)]
    fn open_water<T: Real>(
        &self,
        incidence: Incidence<T>,
        sky_k: T,
        read: &impl Fn(LandVariable) -> T,
    ) -> Polarized<T> {
        outlined!(incidence.cos, {
            let temperature_k = read(LandVariable::WaterTemperature);
            let is_frozen = (temperature_k - FREEZING_K).is_below(ICE_BELOW_C);
            let dielectric = choose!(
                is_frozen,
                ice(self.wave, temperature_k, self.params.ice_sign),
                sea_water(self.wave, temperature_k, read(LandVariable::Salinity))
            );
            let reflectivity = fresnel(incidence, dielectric);
            let water = Below {
                reflectivity,
                emission_k: reflectivity.map(
                    #[inline(always)]
                    |reflected| (-reflected + 1.0) * temperature_k,
                ),
            };
            with_sky(water, sky_k)
        })
    }
}
