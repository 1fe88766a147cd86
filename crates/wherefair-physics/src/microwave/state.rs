//! The state of land, water and air that microwaves see.

use crate::variable::{Domain, state};

/// The warmest water in K that the relaxation time of water holds for: its polynomial falls below 0 at 348 K.
pub(super) const HOTTEST_K: f64 = 340.0;

state! {
    /// The state of one place, an input a field.
    ///
    /// A model reads only the inputs that its components need, see [`ForwardModel::inputs`](crate::ForwardModel::inputs).
    state LandState;
    /// The inputs of [`LandState`].
    variables LandVariable, 28;
    "Water in the uppermost soil in m³ m⁻³, not above the porosity" SoilMoisture soil_moisture:
        Domain::closed(0.0, 1.0), [0.02, 0.45], 0.2;
    "Sand in percent of mass" Sand sand_percent: Domain::closed(0.0, 100.0), [10.0, 80.0], 40.0;
    "Clay in percent of mass, with sand not above 100" Clay clay_percent: Domain::closed(0.0, 100.0), [5.0, 50.0], 20.0;
    "Temperature of the soil surface in K" SurfaceTemperature surface_temperature_k:
        Domain::closed(150.0, HOTTEST_K), [250.0, 320.0], 290.0;
    "Temperature of the soil at 50 to 100 cm in K" DeepTemperature deep_temperature_k:
        Domain::closed(150.0, HOTTEST_K), [260.0, 305.0], 285.0;
    "Temperature of the plants in K" VegetationTemperature vegetation_temperature_k:
        Domain::closed(150.0, HOTTEST_K), [250.0, 315.0], 290.0;
    "Leaf area index of the low vegetation in m² m⁻²" LeafAreaIndex leaf_area_index: Domain::closed(0.0, 20.0), [0.0, 6.0], 2.0;
    "Water in the low vegetation in kg m⁻²" LowVegetationWater low_vegetation_water_kg_m2:
        Domain::closed(0.0, 50.0), [0.0, 5.0], 1.0;
    "Water in the high vegetation in kg m⁻²" HighVegetationWater high_vegetation_water_kg_m2:
        Domain::closed(0.0, 50.0), [1.0, 15.0], 4.0;
    "Standard deviation of surface heights in cm" Roughness roughness_cm: Domain::closed(0.0, 10.0), [0.3, 3.0], 1.0;
    "Depth of snow in m" SnowDepth snow_depth_m: Domain::closed(0.0, 20.0), [0.05, 1.5], 0.3;
    "Density of snow in g cm⁻³, its liquid water included" SnowDensity snow_density_g_cm3:
        Domain::closed(0.05, 0.9), [0.1, 0.45], 0.25;
    "Liquid water in snow in m³ m⁻³, less than its density" SnowWater snow_liquid_water: Domain::closed(0.0, 0.3), [0.0, 0.05], 0.0;
    "Temperature of snow in K" SnowTemperature snow_temperature_k: Domain::closed(150.0, 274.0), [235.0, 273.0], 265.0;
    "Temperature of open water in K" WaterTemperature water_temperature_k: Domain::closed(200.0, HOTTEST_K), [274.0, 303.0], 288.0;
    "Salt in open water in practical salinity units" Salinity salinity_psu: Domain::closed(0.0, 45.0), [0.0, 38.0], 32.5;
    "Share of the place under low vegetation" LowVegetation low_vegetation_fraction: Domain::closed(0.0, 1.0), [0.0, 0.6], 0.5;
    "Share of the place under high vegetation" HighVegetation high_vegetation_fraction: Domain::closed(0.0, 1.0), [0.0, 0.4], 0.2;
    "Share of the place under open water, all shares together not above 1" OpenWater water_fraction:
        Domain::closed(0.0, 1.0), [0.0, 0.1], 0.0;
    "Share of the land under snow" SnowCover snow_fraction: Domain::closed(0.0, 1.0), [0.0, 1.0], 0.0;
    "Air temperature at 2 m in K" AirTemperature air_temperature_k: Domain::closed(180.0, 340.0), [250.0, 310.0], 288.0;
    "Elevation in km" Elevation elevation_km: Domain::closed(-0.5, 9.0), [0.0, 3.0], 0.3;
    "Air pressure at the ground in Pa" SurfacePressure surface_pressure_pa:
        Domain::closed(30_000.0, 110_000.0), [70_000.0, 103_000.0], 97_800.0;
    "Water vapour in the column of air in kg m⁻²" ColumnVapour column_vapour_kg_m2: Domain::closed(0.0, 90.0), [2.0, 60.0], 20.0;
    "Optical depth of the air at zenith in Np" OpticalDepth optical_depth: Domain::closed(0.0, 20.0), [0.0, 0.3], 0.01;
    "Brightness temperature that the air emits upwards in K" Upwelling upwelling_k: Domain::closed(0.0, 340.0), [0.0, 60.0], 3.0;
    "Brightness temperature that reaches the ground from above in K" Downwelling downwelling_k:
        Domain::closed(0.0, 340.0), [2.7, 60.0], 6.0;
    "Incidence angle from the vertical in degrees" IncidenceAngle incidence_deg: Domain::half_open(0.0, 90.0), [0.0, 60.0], 40.0;
}
