export { forgetWeather, refreshWeather, syncAirStations } from './weather.jobs.js';
export { WeatherModule } from './weather.module.js';
