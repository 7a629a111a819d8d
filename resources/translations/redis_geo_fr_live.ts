<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>RedisGeo</name>
    <message>
        <source>Live: start or stop</source>
        <translation>Direct : démarrer ou arrêter</translation>
    </message>
    <message>
        <source>Save positions</source>
        <translation>Enregistrement des positions</translation>
    </message>
    <message>
        <source>{feed}: {problem} The map keeps what it shows; the feed goes on by itself.</source>
        <translation>{feed} : {problem} La carte garde ce qu’elle montre ; le flux reprendra de lui-même.</translation>
    </message>
    <message>
        <source>Start all feeds of the project, or stop them. Without a feed: find positions in Redis.</source>
        <translation>Démarre tous les flux du projet, ou les arrête. Sans flux : cherche des positions dans Redis.</translation>
    </message>
    <message>
        <source>No Redis connection is set up. Add one under Settings, Options, Redis Geo, then find positions.</source>
        <translation>Aucune connexion Redis n’est configurée. Ajoutez-en une sous Préférences, Options, Redis Geo, puis cherchez des positions.</translation>
    </message>
    <message>
        <source>Refused records with a position: {n}</source>
        <translation>Enregistrements refusés ayant une position : {n}</translation>
    </message>
    <message>
        <source>The polygons could not be read.</source>
        <translation>Les polygones n’ont pas pu être lus.</translation>
    </message>
    <message>
        <source>{events}, and {n} more</source>
        <translation>{events}, et {n} autres</translation>
    </message>
    <message>
        <source>Positions saved with their time: {n}</source>
        <translation>Positions enregistrées avec leur date et heure : {n}</translation>
    </message>
    <message>
        <source>The positions could not be saved to {path}.</source>
        <translation>Les positions n’ont pas pu être enregistrées dans {path}.</translation>
    </message>
    <message>
        <source>{feed}: connected again.</source>
        <translation>{feed} : connexion rétablie.</translation>
    </message>
    <message>
        <source>Live positions</source>
        <translation>Positions en direct</translation>
    </message>
    <message>
        <source>No feed yet. Find positions looks at what stands in Redis and proposes what can be shown on the map.</source>
        <translation>Aucun flux pour l’instant. « Chercher des positions » examine ce que contient Redis et propose ce qui peut être montré sur la carte.</translation>
    </message>
    <message>
        <source>Vehicles</source>
        <translation>Véhicules</translation>
    </message>
    <message>
        <source>Geofences</source>
        <translation>Périmètres</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Refusés</translation>
    </message>
    <message>
        <source>Find positions…</source>
        <translation>Chercher des positions…</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Démarrer</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Suspendre</translation>
    </message>
    <message>
        <source> s</source>
        <translation> s</translation>
    </message>
    <message>
        <source>How far the map may be behind, at most: changes are read soon enough before</source>
        <translation>Retard maximal de la carte : les changements sont lus assez tôt pour le tenir</translation>
    </message>
    <message>
        <source>Every</source>
        <translation>Toutes les</translation>
    </message>
    <message>
        <source>Feed</source>
        <translation>Flux</translation>
    </message>
    <message>
        <source>Updates/s</source>
        <translation>Mises à jour/s</translation>
    </message>
    <message>
        <source>Lag</source>
        <translation>Retard</translation>
    </message>
    <message>
        <source>{n} ms</source>
        <translation>{n} ms</translation>
    </message>
    <message>
        <source>Say it in the message bar</source>
        <translation>Le signaler dans la barre de messages</translation>
    </message>
    <message>
        <source>Write it to the Redis stream flux:geofences</source>
        <translation>L’écrire dans le flux Redis flux:geofences</translation>
    </message>
    <message>
        <source>Watch</source>
        <translation>Surveiller</translation>
    </message>
    <message>
        <source>Polygons</source>
        <translation>Polygones</translation>
    </message>
    <message>
        <source>entered</source>
        <translation>est entré</translation>
    </message>
    <message>
        <source>left</source>
        <translation>est sorti</translation>
    </message>
    <message>
        <source>crossed</source>
        <translation>a traversé</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Heure</translation>
    </message>
    <message>
        <source>Vehicle</source>
        <translation>Véhicule</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Événement</translation>
    </message>
    <message>
        <source>Polygon</source>
        <translation>Polygone</translation>
    </message>
    <message>
        <source>{vehicle} {did} {polygon}</source>
        <translation>{vehicle} {did} : {polygon}</translation>
    </message>
    <message>
        <source>Find positions in Redis</source>
        <translation>Chercher des positions dans Redis</translation>
    </message>
    <message>
        <source>All keys; or a pattern such as vehicule:*</source>
        <translation>Toutes les clés ; ou un motif comme vehicule:*</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Aperçu</translation>
    </message>
    <message>
        <source>Add to the map</source>
        <translation>Ajouter à la carte</translation>
    </message>
    <message>
        <source>Looking at what stands in Redis…</source>
        <translation>Examen du contenu de Redis…</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>Identifiant</translation>
    </message>
    <message>
        <source>Longitude</source>
        <translation>Longitude</translation>
    </message>
    <message>
        <source>Latitude</source>
        <translation>Latitude</translation>
    </message>
    <message>
        <source>Time (UTC)</source>
        <translation>Heure (UTC)</translation>
    </message>
    <message>
        <source>Heading</source>
        <translation>Cap</translation>
    </message>
    <message>
        <source>Speed (km/h)</source>
        <translation>Vitesse (km/h)</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Sorte</translation>
    </message>
    <message>
        <source>Looks right</source>
        <translation>Vraisemblance</translation>
    </message>
    <message>
        <source>seconds since 1970</source>
        <translation>secondes depuis 1970</translation>
    </message>
    <message>
        <source>milliseconds since 1970</source>
        <translation>millisecondes depuis 1970</translation>
    </message>
    <message>
        <source>ISO 8601 with a zone</source>
        <translation>ISO 8601 avec fuseau</translation>
    </message>
    <message>
        <source>ISO 8601 without a zone, read as UTC</source>
        <translation>ISO 8601 sans fuseau, lu comme UTC</translation>
    </message>
    <message>
        <source>unknown form</source>
        <translation>forme inconnue</translation>
    </message>
    <message>
        <source>{good} of {rows} records looked at hold a position.</source>
        <translation>{good} enregistrements examinés sur {rows} ont une position.</translation>
    </message>
    <message>
        <source>“{field}” holds both, read as longitude, latitude.</source>
        <translation>« {field} » contient les deux, lus comme longitude, latitude.</translation>
    </message>
    <message>
        <source>“{field}” holds both, read as latitude, longitude.</source>
        <translation>« {field} » contient les deux, lus comme latitude, longitude.</translation>
    </message>
    <message>
        <source>No time of report: the moment of reading is taken.</source>
        <translation>Pas d’heure de relevé : le moment de la lecture est retenu.</translation>
    </message>
    <message>
        <source>Heading: {heading}; speed: {speed} ({unit}).</source>
        <translation>Cap : {heading} ; vitesse : {speed} ({unit}).</translation>
    </message>
    <message>
        <source>Members of a GEO set: positions as Redis holds them, to 0.6 m.</source>
        <translation>Membres d’un ensemble GEO : positions telles que Redis les garde, à 0,6 m près.</translation>
    </message>
    <message>
        <source>Details of each member stand in {template}.</source>
        <translation>Les détails de chaque membre se trouvent dans {template}.</translation>
    </message>
    <message>
        <source>A stream: its history is read too.</source>
        <translation>Un flux (stream) : son historique est lu aussi.</translation>
    </message>
    <message>
        <source>Lists, newest first: the older positions are read too.</source>
        <translation>Listes, le plus récent en tête : les positions antérieures sont lues aussi.</translation>
    </message>
    <message>
        <source>A channel is heard only while the feed runs; there is nothing to read at its start.</source>
        <translation>Un canal n’est écouté que pendant que le flux tourne ; il n’y a rien à lire au démarrage.</translation>
    </message>
    <message>
        <source>The whole fleet stands in one value, which is read anew when it changes.</source>
        <translation>Toute la flotte tient dans une valeur, relue quand elle change.</translation>
    </message>
    <message>
        <source>The lists have their newest entry at the end.</source>
        <translation>Les listes ont leur entrée la plus récente à la fin.</translation>
    </message>
    <message>
        <source>JSON string per vehicle</source>
        <translation>chaîne JSON par véhicule</translation>
    </message>
    <message>
        <source>hash per vehicle</source>
        <translation>hash par véhicule</translation>
    </message>
    <message>
        <source>one hash, a field per vehicle</source>
        <translation>un hash, un champ par véhicule</translation>
    </message>
    <message>
        <source>GEO set</source>
        <translation>Ensemble GEO</translation>
    </message>
    <message>
        <source>list per vehicle</source>
        <translation>liste par véhicule</translation>
    </message>
    <message>
        <source>channel (pub/sub)</source>
        <translation>canal (pub/sub)</translation>
    </message>
    <message>
        <source>one JSON string for the fleet</source>
        <translation>une chaîne JSON pour la flotte</translation>
    </message>
    <message>
        <source>Or both in</source>
        <translation>Ou les deux dans</translation>
    </message>
    <message>
        <source>Time of report</source>
        <translation>Heure du relevé</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Vitesse</translation>
    </message>
    <message>
        <source>Order of both</source>
        <translation>Ordre des deux</translation>
    </message>
    <message>
        <source>Form of time</source>
        <translation>Forme de l’heure</translation>
    </message>
    <message>
        <source>Unit of speed</source>
        <translation>Unité de vitesse</translation>
    </message>
    <message>
        <source>Keep vehicles whose key expired, as last seen</source>
        <translation>Garder les véhicules dont la clé a expiré, à leur dernière position</translation>
    </message>
    <message>
        <source>from the key</source>
        <translation>d’après la clé</translation>
    </message>
    <message>
        <source>longitude, latitude</source>
        <translation>longitude, latitude</translation>
    </message>
    <message>
        <source>latitude, longitude</source>
        <translation>latitude, longitude</translation>
    </message>
    <message>
        <source>as it looks</source>
        <translation>selon son aspect</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>secondes</translation>
    </message>
    <message>
        <source>milliseconds</source>
        <translation>millisecondes</translation>
    </message>
    <message>
        <source>ISO 8601</source>
        <translation>ISO 8601</translation>
    </message>
    <message>
        <source>m/s</source>
        <translation>m/s</translation>
    </message>
    <message>
        <source>km/h</source>
        <translation>km/h</translation>
    </message>
    <message>
        <source>knots</source>
        <translation>nœuds</translation>
    </message>
    <message>
        <source>mph</source>
        <translation>mph</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Reçu</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Raison</translation>
    </message>
    <message>
        <source>What it said</source>
        <translation>Contenu</translation>
    </message>
    <message>
        <source>As a layer</source>
        <translation>En couche</translation>
    </message>
    <message>
        <source>Add the refused records that have a position to the map</source>
        <translation>Ajouter à la carte les enregistrements refusés qui ont une position</translation>
    </message>
    <message>
        <source>The newest 1,000 refused records. Late ones stay in the trail.</source>
        <translation>Les 1 000 derniers enregistrements refusés. Les tardifs restent dans la trace.</translation>
    </message>
    <message>
        <source>All reasons ({n})</source>
        <translation>Toutes les raisons ({n})</translation>
    </message>
    <message>
        <source>Show trails on the map</source>
        <translation>Montrer les traces sur la carte</translation>
    </message>
    <message>
        <source>Save as GeoPackage…</source>
        <translation>Enregistrer en GeoPackage…</translation>
    </message>
    <message>
        <source>Positions and trails of the last minutes, with time for the Temporal Controller</source>
        <translation>Positions et traces des dernières minutes, datées pour le contrôleur temporel</translation>
    </message>
    <message>
        <source>Back to live</source>
        <translation>Revenir au direct</translation>
    </message>
    <message>
        <source>Save positions and trails</source>
        <translation>Enregistrer positions et traces</translation>
    </message>
    <message>
        <source>Rewind</source>
        <translation>Retour arrière</translation>
    </message>
    <message>
        <source>No trail yet.</source>
        <translation>Pas encore de trace.</translation>
    </message>
    <message>
        <source>The map shows {moment} UTC, {ago} ago. New positions wait.</source>
        <translation>La carte montre {moment} UTC, il y a {ago}. Les nouvelles positions attendent.</translation>
    </message>
    <message>
        <source>Live. {length} can be rewound.</source>
        <translation>En direct. On peut revenir {length} en arrière.</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>Âge</translation>
    </message>
    <message>
        <source>Computed here, not reported: {names}</source>
        <translation>Calculé ici, non rapporté : {names}</translation>
    </message>
    <message>
        <source>Filter by id or attribute</source>
        <translation>Filtrer par identifiant ou attribut</translation>
    </message>
    <message>
        <source>In the map view only</source>
        <translation>Dans la vue de la carte seulement</translation>
    </message>
    <message>
        <source>Follow</source>
        <translation>Suivre</translation>
    </message>
    <message>
        <source>Keep the chosen vehicle in the middle of the map, until you move the map</source>
        <translation>Garder le véhicule choisi au milieu de la carte, jusqu’à ce que vous la déplaciez</translation>
    </message>
    <message>
        <source>The first {shown} of {matching} matching vehicles, of {total}. Filter to see others.</source>
        <translation>Les {shown} premiers des {matching} véhicules correspondants, sur {total}. Filtrez pour voir les autres.</translation>
    </message>
    <message>
        <source>{matching} matching vehicles of {total}</source>
        <translation>{matching} véhicules correspondants sur {total}</translation>
    </message>
    <message>
        <source>Vehicles: {total}</source>
        <translation>Véhicules : {total}</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>arrêté</translation>
    </message>
    <message>
        <source>live</source>
        <translation>en direct</translation>
    </message>
    <message>
        <source>reading…</source>
        <translation>lecture…</translation>
    </message>
    <message>
        <source>clock not yet compared</source>
        <translation>horloge pas encore comparée</translation>
    </message>
    <message>
        <source>clock agrees</source>
        <translation>horloge concordante</translation>
    </message>
    <message>
        <source>This feed is stopped. The layer keeps what it showed last.</source>
        <translation>Ce flux est arrêté. La couche garde ce qu’elle montrait en dernier.</translation>
    </message>
    <message>
        <source>late: nothing new since {time}</source>
        <translation>en retard : rien de nouveau depuis {time}</translation>
    </message>
    <message>
        <source>paused since {time}</source>
        <translation>suspendu depuis {time}</translation>
    </message>
    <message>
        <source>reconnecting since {time}</source>
        <translation>reconnexion depuis {time}</translation>
    </message>
    <message>
        <source>failed at {time}</source>
        <translation>échec à {time}</translation>
    </message>
    <message>
        <source>unreadable</source>
        <translation>illisible</translation>
    </message>
    <message>
        <source>too large</source>
        <translation>trop gros</translation>
    </message>
    <message>
        <source>no position</source>
        <translation>sans position</translation>
    </message>
    <message>
        <source>outside the range of coordinates</source>
        <translation>hors des limites des coordonnées</translation>
    </message>
    <message>
        <source>position 0/0</source>
        <translation>position 0/0</translation>
    </message>
    <message>
        <source>no usable time</source>
        <translation>sans heure utilisable</translation>
    </message>
    <message>
        <source>in the future</source>
        <translation>dans le futur</translation>
    </message>
    <message>
        <source>impossible speed</source>
        <translation>vitesse impossible</translation>
    </message>
    <message>
        <source>older than the latest</source>
        <translation>plus ancien que le dernier</translation>
    </message>
    <message>
        <source>clock ahead by {time}</source>
        <translation>horloge en avance de {time}</translation>
    </message>
    <message>
        <source>reports are {time} old when they arrive</source>
        <translation>relevés vieux de {time} à leur arrivée</translation>
    </message>
    <message>
        <source>{clock} (ages corrected)</source>
        <translation>{clock} (âges corrigés)</translation>
    </message>
    <message>
        <source>Producer: {clock}.</source>
        <translation>Producteur : {clock}.</translation>
    </message>
    <message>
        <source>The server tells what changes; only that is read.</source>
        <translation>Le serveur signale ce qui change ; seul cela est lu.</translation>
    </message>
    <message>
        <source>Most vehicles change at each reading, so all are read in turn until it calms.</source>
        <translation>La plupart des véhicules changent à chaque lecture : tous sont lus à tour de rôle, jusqu’au retour au calme.</translation>
    </message>
    <message>
        <source>Last change {ago} ago (rows: {rows}), in {ms} ms, {lag} ms after it was read.</source>
        <translation>Dernier changement il y a {ago} (lignes : {rows}), en {ms} ms, {lag} ms après sa lecture.</translation>
    </message>
    <message>
        <source>Polling, because the server does not tell what changes: {why}</source>
        <translation>Lecture périodique, car le serveur ne signale pas ce qui change : {why}</translation>
    </message>
    <message>
        <source>Read geofences</source>
        <translation>Lecture des périmètres</translation>
    </message>
    <message>
        <source>age (s)</source>
        <translation>âge (s)</translation>
    </message>
    <message>
        <source>{feed}: refused</source>
        <translation>{feed} : refusés</translation>
    </message>
    <message>
        <source>under 1 min</source>
        <translation>moins de 1 min</translation>
    </message>
    <message>
        <source>1 to 5 min</source>
        <translation>de 1 à 5 min</translation>
    </message>
    <message>
        <source>over 5 min</source>
        <translation>plus de 5 min</translation>
    </message>
    <message>
        <source>With heading, {age}</source>
        <translation>Avec cap, {age}</translation>
    </message>
    <message>
        <source>Position, {age}</source>
        <translation>Position, {age}</translation>
    </message>
    <message>
        <source>{feed}: trails</source>
        <translation>{feed} : traces</translation>
    </message>
    <message>
        <source>Snapshot of positions</source>
        <translation>Instantané des positions</translation>
    </message>
    <message>
        <source>Vehicles whose last report is older are left out. 0: all.</source>
        <translation>Les véhicules dont le dernier relevé est plus ancien sont omis. 0 : tous.</translation>
    </message>
    <message>
        <source>A point for each vehicle, in EPSG:4326, with the time of its report in UTC.</source>
        <translation>Un point par véhicule, en EPSG:4326, avec l’heure de son relevé en UTC.</translation>
    </message>
    <message>
        <source>live,positions,fleet,vehicles,gps,redis</source>
        <translation>direct,positions,flotte,véhicules,gps,redis</translation>
    </message>
    <message>
        <source>Positions in Redis</source>
        <translation>Positions dans Redis</translation>
    </message>
    <message>
        <source>Positions</source>
        <translation>Positions</translation>
    </message>
    <message>
        <source>Number of vehicles</source>
        <translation>Nombre de véhicules</translation>
    </message>
    <message>
        <source>Number of refused records</source>
        <translation>Nombre d’enregistrements refusés</translation>
    </message>
    <message>
        <source>No positions were found in {source}.</source>
        <translation>Aucune position n’a été trouvée dans {source}.</translation>
    </message>
    <message>
        <source>Refused ({reason}): {n}</source>
        <translation>Refusés ({reason}) : {n}</translation>
    </message>
    <message>
        <source>Publish positions</source>
        <translation>Publier des positions</translation>
    </message>
    <message>
        <source>Tells the vehicles apart: the end of the key.</source>
        <translation>Distingue les véhicules : la fin de la clé.</translation>
    </message>
    <message>
        <source>After so many seconds without a new position a vehicle's key expires. 0: never.</source>
        <translation>Après autant de secondes sans nouvelle position, la clé d’un véhicule expire. 0 : jamais.</translation>
    </message>
    <message>
        <source>0: all at once, with the times they have. 1: as fast as they were reported. 60: an hour in a minute.</source>
        <translation>0 : tout d’un coup, avec leurs propres heures. 1 : aussi vite qu’elles ont été relevées. 60 : une heure en une minute.</translation>
    </message>
    <message>
        <source>live,positions,replay,simulate,publish,redis</source>
        <translation>direct,positions,rejeu,simulation,publier,redis</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>Points</translation>
    </message>
    <message>
        <source>Field of the id</source>
        <translation>Champ de l’identifiant</translation>
    </message>
    <message>
        <source>Field of the time</source>
        <translation>Champ de l’heure</translation>
    </message>
    <message>
        <source>Prefix of the keys</source>
        <translation>Préfixe des clés</translation>
    </message>
    <message>
        <source>Number of positions written</source>
        <translation>Nombre de positions écrites</translation>
    </message>
    <message>
        <source>A replay needs the field of the time.</source>
        <translation>Un rejeu a besoin du champ de l’heure.</translation>
    </message>
    <message>
        <source>History of positions</source>
        <translation>Historique des positions</translation>
    </message>
    <message>
        <source>Reads the ways of a fleet from a stream or from lists in Redis as lines. The M value of each vertex is the time of its report in seconds since 1970 UTC.</source>
        <translation>Lit les parcours d’une flotte depuis un flux (stream) ou des listes de Redis, sous forme de lignes. La valeur M de chaque sommet est l’heure de son relevé en secondes depuis 1970 UTC.</translation>
    </message>
    <message>
        <source>Reports before this moment are left out. Empty: from the beginning.</source>
        <translation>Les relevés antérieurs à ce moment sont omis. Vide : depuis le début.</translation>
    </message>
    <message>
        <source>Reports after this moment are left out. Empty: to the end.</source>
        <translation>Les relevés postérieurs à ce moment sont omis. Vide : jusqu’à la fin.</translation>
    </message>
    <message>
        <source>Where a vehicle did not report for longer, its line is cut.</source>
        <translation>Là où un véhicule s’est tu plus longtemps, sa ligne est coupée.</translation>
    </message>
    <message>
        <source>A multi-line for each vehicle, in EPSG:4326, with its start, its end and its number of vertices.</source>
        <translation>Une multiligne par véhicule, en EPSG:4326, avec son début, sa fin et son nombre de sommets.</translation>
    </message>
    <message>
        <source>live,positions,history,trajectories,stream,redis</source>
        <translation>direct,positions,historique,trajectoires,stream,redis</translation>
    </message>
    <message>
        <source>From (UTC)</source>
        <translation>Du (UTC)</translation>
    </message>
    <message>
        <source>Until (UTC)</source>
        <translation>Au (UTC)</translation>
    </message>
    <message>
        <source>Gap (seconds)</source>
        <translation>Interruption (secondes)</translation>
    </message>
    <message>
        <source>Ways</source>
        <translation>Parcours</translation>
    </message>
    <message>
        <source>{id}: a single position makes no line</source>
        <translation>{id} : une seule position ne fait pas une ligne</translation>
    </message>
    <message>
        <source> min</source>
        <translation> min</translation>
    </message>
    <message>
        <source>Correct ages also where reports arrive old</source>
        <translation>Corriger aussi les âges quand les relevés arrivent vieux</translation>
    </message>
    <message>
        <source>For a producer whose clock is behind. Where the way is slow, ages would be too small.</source>
        <translation>Pour un producteur dont l’horloge retarde. Si c’est le trajet qui est lent, les âges seraient trop petits.</translation>
    </message>
    <message>
        <source>Keep the last</source>
        <translation>Garder les dernières</translation>
    </message>
    <message>
        <source>and at most</source>
        <translation>et au plus</translation>
    </message>
    <message>
        <source>points a vehicle</source>
        <translation>points par véhicule</translation>
    </message>
    <message>
        <source>Reported {time}, received {receipt} (UTC)</source>
        <translation>Relevé à {time}, reçu à {receipt} (UTC)</translation>
    </message>
    <message>
        <source>Settings of the feed…</source>
        <translation>Réglages du flux…</translation>
    </message>
    <message>
        <source>Look at a feed in Redis</source>
        <translation>Examen d’un flux dans Redis</translation>
    </message>
    <message>
        <source>Settings of the feed {name}</source>
        <translation>Réglages du flux {name}</translation>
    </message>
    <message>
        <source>There is nothing to preview just now; the settings can be changed all the same.</source>
        <translation>Rien à montrer en aperçu pour l’instant ; les réglages peuvent être changés quand même.</translation>
    </message>
    <message>
        <source>Name and fields</source>
        <translation>Nom et champs</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>Règles</translation>
    </message>
    <message>
        <source>never</source>
        <translation>jamais</translation>
    </message>
    <message>
        <source> km/h</source>
        <translation> km/h</translation>
    </message>
    <message>
        <source>any speed</source>
        <translation>aucune limite</translation>
    </message>
    <message>
        <source>the active one</source>
        <translation>celle qui est active</translation>
    </message>
    <message>
        <source>Which saved connection the feed uses</source>
        <translation>La connexion enregistrée que le flux utilise</translation>
    </message>
    <message>
        <source>Read every</source>
        <translation>Lire toutes les</translation>
    </message>
    <message>
        <source>Late after</source>
        <translation>En retard après</translation>
    </message>
    <message>
        <source>Without anything new for so long, the lamp says that the feed is late</source>
        <translation>Sans rien de nouveau pendant ce temps, le voyant indique que le flux est en retard</translation>
    </message>
    <message>
        <source>Silent vehicles leave after</source>
        <translation>Retirer les véhicules muets après</translation>
    </message>
    <message>
        <source>So long after its last report a vehicle leaves the layer</source>
        <translation>Ce temps après son dernier relevé, un véhicule quitte la couche</translation>
    </message>
    <message>
        <source>Impossible above</source>
        <translation>Impossible au-delà de</translation>
    </message>
    <message>
        <source>A position that could only be reached faster than this is refused</source>
        <translation>Une position qui n’aurait pu être atteinte qu’à une vitesse supérieure est refusée</translation>
    </message>
    <message>
        <source>Time ahead allowed</source>
        <translation>Avance tolérée</translation>
    </message>
    <message>
        <source>A report that is further in the future is refused; a clock that runs ahead is allowed for</source>
        <translation>Un relevé situé plus loin dans le futur est refusé ; l’avance d’une horloge est prise en compte</translation>
    </message>
    <message>
        <source>Producer's clock</source>
        <translation>Horloge du producteur</translation>
    </message>
    <message>
        <source>Whether ages allow for a producer's clock that is off by more than a minute</source>
        <translation>Si les âges tiennent compte d’une horloge du producteur décalée de plus d’une minute</translation>
    </message>
    <message>
        <source>Details of members</source>
        <translation>Détails des membres</translation>
    </message>
    <message>
        <source>The keys that hold the attributes; {id} stands for the member, {tail} for its last part</source>
        <translation>Les clés qui contiennent les attributs ; {id} désigne le membre, {tail} sa dernière partie</translation>
    </message>
    <message>
        <source>Details are</source>
        <translation>Forme des détails</translation>
    </message>
    <message>
        <source>Newest entry</source>
        <translation>Entrée la plus récente</translation>
    </message>
    <message>
        <source>corrected where it runs ahead</source>
        <translation>corrigée si elle avance</translation>
    </message>
    <message>
        <source>corrected also where it is behind</source>
        <translation>corrigée aussi si elle retarde</translation>
    </message>
    <message>
        <source>taken as it is</source>
        <translation>prise telle quelle</translation>
    </message>
    <message>
        <source>a hash for each member</source>
        <translation>un hash par membre</translation>
    </message>
    <message>
        <source>a JSON string for each member</source>
        <translation>une chaîne JSON par membre</translation>
    </message>
    <message>
        <source>one hash for all members</source>
        <translation>un hash pour tous les membres</translation>
    </message>
    <message>
        <source>at the head of the list</source>
        <translation>en tête de la liste</translation>
    </message>
    <message>
        <source>at its end</source>
        <translation>à la fin</translation>
    </message>
    <message>
        <source>Where a vehicle did not report for longer, its trail has a gap</source>
        <translation>Là où un véhicule est resté muet plus longtemps, sa trace est interrompue</translation>
    </message>
    <message>
        <source>Gap after silence of</source>
        <translation>Interrompre après un silence de</translation>
    </message>
    <message>
        <source>{shown} of {all}</source>
        <translation>{shown} sur {all}</translation>
    </message>
    <message>
        <source>The list and the layer hold only the vehicles that the map shows</source>
        <translation>La liste et la couche ne contiennent que les véhicules que la carte montre</translation>
    </message>
    <message>
        <source>{feed}: the layer of its geofences was removed; they are no longer watched.</source>
        <translation>{feed} : la couche de ses périmètres a été retirée ; ils ne sont plus surveillés.</translation>
    </message>
    <message>
        <source>Remove the feed and its layers</source>
        <translation>Retirer le flux et ses couches</translation>
    </message>
    <message>
        <source>Part of the cluster is away ({nodes}): what is kept there stays as it was last seen.</source>
        <translation>Une partie du cluster est absente ({nodes}) : ce qui s’y trouve reste tel qu’on l’a vu en dernier.</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Appliquer</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>Direct</translation>
    </message>
    <message>
        <source>microseconds since 1970</source>
        <translation>microsecondes depuis 1970</translation>
    </message>
    <message>
        <source>nanoseconds since 1970</source>
        <translation>nanosecondes depuis 1970</translation>
    </message>
    <message>
        <source>year to second in digits, UTC</source>
        <translation>de l’année à la seconde en chiffres, UTC</translation>
    </message>
    <message>
        <source>a date in words</source>
        <translation>une date en toutes lettres</translation>
    </message>
    <message>
        <source>Messages of {program}: fields and units are known.</source>
        <translation>Messages de {program} : champs et unités sont connus.</translation>
    </message>
    <message>
        <source>The vehicle is known by “{field}”.</source>
        <translation>Le véhicule est identifié par « {field} ».</translation>
    </message>
    <message>
        <source>The time of the report is {date} and {time} together, read as UTC.</source>
        <translation>L’heure du relevé est {date} et {time} réunis, lus en UTC.</translation>
    </message>
    <message>
        <source>The form of “{field}” says the order.</source>
        <translation>La forme de « {field} » indique l’ordre.</translation>
    </message>
    <message>
        <source>An index of the server says the order of “{field}”.</source>
        <translation>Un index du serveur indique l’ordre de « {field} ».</translation>
    </message>
    <message>
        <source>The values say the order: one of the two is beyond 90.</source>
        <translation>Les valeurs indiquent l’ordre : l’une des deux dépasse 90.</translation>
    </message>
    <message>
        <source>Other places of the same records say the order.</source>
        <translation>D’autres lieux des mêmes enregistrements indiquent l’ordre.</translation>
    </message>
    <message>
        <source>“{field}” names a cell: its middle is shown, marked as derived.</source>
        <translation>« {field} » désigne une maille : son centre est affiché, marqué comme calculé.</translation>
    </message>
    <message>
        <source>The coordinates are integers, multiplied by {factor}.</source>
        <translation>Les coordonnées sont des entiers, multipliés par {factor}.</translation>
    </message>
    <message>
        <source>The coordinates are in {crs}, as the records say.</source>
        <translation>Les coordonnées sont en {crs}, comme l’indiquent les enregistrements.</translation>
    </message>
    <message>
        <source>“{field}” says where the vehicle heads.</source>
        <translation>« {field} » indique le cap du véhicule.</translation>
    </message>
    <message>
        <source>The speed “{field}” is in {unit}, by its name or its producer.</source>
        <translation>La vitesse « {field} » est en {unit}, d’après son nom ou son producteur.</translation>
    </message>
    <message>
        <source>The speed “{field}” is in {unit}, by the distances between the positions.</source>
        <translation>La vitesse « {field} » est en {unit}, d’après les distances entre les positions.</translation>
    </message>
    <message>
        <source>Nothing says the unit of “{field}”.</source>
        <translation>Rien n’indique l’unité de « {field} ».</translation>
    </message>
    <message>
        <source>Please say whether longitude or latitude comes first in “{field}”.</source>
        <translation>Indiquez si la longitude ou la latitude vient en premier dans « {field} ».</translation>
    </message>
    <message>
        <source>“{field}” are no degrees: please name their CRS.</source>
        <translation>« {field} » ne sont pas des degrés : indiquez leur SCR.</translation>
    </message>
    <message>
        <source>“{field}” may be another place than the vehicle's: please confirm it.</source>
        <translation>« {field} » peut être un autre lieu que celui du véhicule : confirmez-le.</translation>
    </message>
    <message>
        <source>Please name the unit of {speed}: until then no speed is shown.</source>
        <translation>Indiquez l’unité de {speed} : d’ici là aucune vitesse n’est affichée.</translation>
    </message>
    <message>
        <source>no id</source>
        <translation>pas d’identifiant</translation>
    </message>
    <message>
        <source>order, CRS or field of the position not confirmed</source>
        <translation>ordre, SCR ou champ de la position non confirmé</translation>
    </message>
    <message>
        <source>Points in any CRS, or a table whose coordinates stand in fields (advanced parameters); the attributes are sent along.</source>
        <translation>Points de n’importe quel SCR, ou table dont les coordonnées sont dans des champs (paramètres avancés) ; les attributs sont envoyés avec.</translation>
    </message>
    <message>
        <source>When each position was reported: a date and time, an ISO 8601 text, or seconds; without a zone in UTC. Empty: now.</source>
        <translation>Quand chaque position a été émise : une date et heure, un texte ISO 8601 ou des secondes ; sans fuseau, en UTC. Vide : maintenant.</translation>
    </message>
    <message>
        <source>The keys are this, a colon, and the id; the key itself where one holds the whole fleet.</source>
        <translation>Les clés sont ce texte, deux-points et l’identifiant ; la clé elle-même si une seule contient toute la flotte.</translation>
    </message>
    <message>
        <source>Writes the points of a layer to Redis as positions, a JSON string for each id, which expire. With a field of time and a speed above 0 they are replayed in the order of time, so many times as fast as they were reported, as if the first were reported now. Cancel ends a replay. Rows that no reader would believe are left out and counted by reason in the log.</source>
        <translation>Écrit les points d’une couche dans Redis comme positions, une chaîne JSON par identifiant, qui expire. Avec un champ de temps et une vitesse supérieure à 0, elles sont rejouées dans l’ordre du temps, autant de fois plus vite qu’elles ont été émises, comme si la première l’était maintenant. Annuler termine le rejeu. Les lignes qu’aucun lecteur ne croirait sont laissées de côté et comptées par motif dans le journal.</translation>
    </message>
    <message>
        <source>Reads the latest positions of a fleet from Redis into a point layer: JSON strings, hashes, GEO sets, streams or lists. What the fields mean is found out from the records; the advanced parameters say it where that is not certain. Records that cannot be right are refused and counted by reason in the log.</source>
        <translation>Lit les dernières positions d’une flotte dans Redis vers une couche de points : chaînes JSON, hashs, ensembles GEO, flux ou listes. Le sens des champs est déduit des enregistrements ; les paramètres avancés le disent quand il n’est pas certain. Les enregistrements impossibles sont refusés et comptés par motif dans le journal.</translation>
    </message>
    <message>
        <source>Where the positions stand: a key pattern such as vehicule:*, or the name of a GEO set, stream, list, hash or string. What the fields mean is found out from the records, unless it is chosen below.</source>
        <translation>Où se trouvent les positions : un motif de clés comme vehicule:*, ou le nom d’un ensemble GEO, d’un flux, d’une liste, d’un hash ou d’une chaîne. Le sens des champs est déduit des enregistrements, sauf s’il est choisi ci-dessous.</translation>
    </message>
    <message>
        <source>How the positions stand in Redis. Empty: found out from what stands there.</source>
        <translation>Sous quelle forme les positions sont dans Redis. Vide : déduit de ce qui s’y trouve.</translation>
    </message>
    <message>
        <source>What the positions in {source} mean is not certain. Choose {parameters}.</source>
        <translation>Le sens des positions de {source} n’est pas certain. Choisissez {parameters}.</translation>
    </message>
    <message>
        <source>Kind of keys</source>
        <translation>Type de clés</translation>
    </message>
    <message>
        <source>Order of both coordinates</source>
        <translation>Ordre des deux coordonnées</translation>
    </message>
    <message>
        <source>In the field that holds both. WKT and GeoJSON always have the longitude first.</source>
        <translation>Dans le champ qui contient les deux. WKT et GeoJSON mettent toujours la longitude en premier.</translation>
    </message>
    <message>
        <source>Of the coordinates in the fields. Empty: degrees (EPSG:4326).</source>
        <translation>Des coordonnées des champs. Vide : degrés (EPSG:4326).</translation>
    </message>
    <message>
        <source>What is written: a JSON string for each vehicle unless another kind is chosen.</source>
        <translation>Ce qui est écrit : une chaîne JSON par véhicule, sauf si un autre type est choisi.</translation>
    </message>
    <message>
        <source>A dot goes one level down: position.lat.</source>
        <translation>Un point descend d’un niveau : position.lat.</translation>
    </message>
    <message>
        <source>Of the field of the speed. Empty: found out where the records tell, else m/s.</source>
        <translation>Du champ de la vitesse. Vide : déduite là où les enregistrements le disent, sinon m/s.</translation>
    </message>
    <message>
        <source>Of the field of the speed; it is written in m/s. Empty: m/s.</source>
        <translation>Du champ de la vitesse ; elle est écrite en m/s. Vide : m/s.</translation>
    </message>
    <message>
        <source>CRS of the coordinates</source>
        <translation>SCR des coordonnées</translation>
    </message>
    <message>
        <source>X_FIELD and Y_FIELD belong together: one of them is empty.</source>
        <translation>X_FIELD et Y_FIELD vont ensemble : l’un des deux est vide.</translation>
    </message>
    <message>
        <source>The CRS of the coordinates is not known.</source>
        <translation>Le SCR des coordonnées n’est pas connu.</translation>
    </message>
    <message>
        <source>Tells the vehicles apart. Empty: as the records tell.</source>
        <translation>Distingue les véhicules. Vide : comme le disent les enregistrements.</translation>
    </message>
    <message>
        <source>Field of the longitude (x)</source>
        <translation>Champ de la longitude (x)</translation>
    </message>
    <message>
        <source>Field of the latitude (y)</source>
        <translation>Champ de la latitude (y)</translation>
    </message>
    <message>
        <source>Field of both coordinates</source>
        <translation>Champ des deux coordonnées</translation>
    </message>
    <message>
        <source>When each position was reported; without a zone in UTC.</source>
        <translation>Quand chaque position a été émise ; sans fuseau, en UTC.</translation>
    </message>
    <message>
        <source>Field of the speed</source>
        <translation>Champ de la vitesse</translation>
    </message>
    <message>
        <source>Its unit is chosen below.</source>
        <translation>Son unité est choisie plus bas.</translation>
    </message>
    <message>
        <source>Field of the heading</source>
        <translation>Champ du cap</translation>
    </message>
    <message>
        <source>Degrees clockwise from north.</source>
        <translation>Degrés depuis le nord, dans le sens horaire.</translation>
    </message>
    <message>
        <source>Goes together with that of the latitude.</source>
        <translation>Va avec celui de la latitude.</translation>
    </message>
    <message>
        <source>Goes together with that of the longitude.</source>
        <translation>Va avec celui de la longitude.</translation>
    </message>
    <message>
        <source>A pair of numbers, a text of two numbers, WKT or GeoJSON.</source>
        <translation>Une paire de nombres, un texte de deux nombres, WKT ou GeoJSON.</translation>
    </message>
    <message>
        <source>JSON document per vehicle</source>
        <translation>document JSON par véhicule</translation>
    </message>
    <message>
        <source>one JSON document for the fleet</source>
        <translation>un document JSON pour la flotte</translation>
    </message>
    <message>
        <source>sorted set by time</source>
        <translation>ensemble trié par l’heure</translation>
    </message>
    <message>
        <source>a key per coordinate</source>
        <translation>une clé par coordonnée</translation>
    </message>
    <message>
        <source>a time series per coordinate</source>
        <translation>une série temporelle par coordonnée</translation>
    </message>
    <message>
        <source>Each member is itself a record.</source>
        <translation>Chaque membre est lui-même un enregistrement.</translation>
    </message>
    <message>
        <source>Each vehicle has a key for each of {fields}.</source>
        <translation>Chaque véhicule a une clé pour chacun de ces champs : {fields}.</translation>
    </message>
    <message>
        <source>The latest sample of each series is shown, with its time.</source>
        <translation>La dernière mesure de chaque série est affichée, avec son heure.</translation>
    </message>
    <message>
        <source>Sorted sets by time: the last member is the position, the others its track.</source>
        <translation>Ensembles triés par l’heure : le dernier membre est la position, les autres sa trace.</translation>
    </message>
    <message>
        <source>{found} of {count} features are in the file. Is the disk full?</source>
        <translation>{found} entités sur {count} sont dans le fichier. Le disque est-il plein ?</translation>
    </message>
    <message>
        <source>Nothing was saved: cancelled.</source>
        <translation>Rien n’a été enregistré : annulé.</translation>
    </message>
    <message>
        <source>a feature was refused</source>
        <translation>une entité a été refusée</translation>
    </message>
    <message>
        <source>The feed of the layer {layer} cannot be read from the project; it stays stopped.</source>
        <translation>Le flux de la couche {layer} ne peut pas être lu dans le projet ; il reste arrêté.</translation>
    </message>
    <message>
        <source>These look like jobs of a queue, or their results, and no vehicles.</source>
        <translation>Cela ressemble aux tâches d’une file, ou à leurs résultats, et non à des véhicules.</translation>
    </message>
    <message>
        <source>These look like places that somebody looked up, and no vehicles.</source>
        <translation>Cela ressemble à des lieux que quelqu’un a cherchés, et non à des véhicules.</translation>
    </message>
    <message>
        <source>By hand</source>
        <translation>À la main</translation>
    </message>
    <message>
        <source>Say yourself what kind of keys hold the positions, and what their fields mean</source>
        <translation>Dites vous-même quel type de clés contient les positions et ce que leurs champs veulent dire</translation>
    </message>
    <message>
        <source>{n} records of these keys were looked at.</source>
        <translation>{n} enregistrements de ces clés ont été examinés.</translation>
    </message>
    <message>
        <source>degrees (EPSG:4326)</source>
        <translation>degrés (EPSG:4326)</translation>
    </message>
    <message>
        <source>These fields are the vehicle's own position</source>
        <translation>Ces champs sont bien la position du véhicule</translation>
    </message>
    <message>
        <source>Or a pattern such as %d.%m.%Y %H:%M:%S (day, month, year, hour, minute, second)</source>
        <translation>Ou un modèle comme %d.%m.%Y %H:%M:%S (jour, mois, année, heure, minute, seconde)</translation>
    </message>
    <message>
        <source>geohash</source>
        <translation>geohash</translation>
    </message>
    <message>
        <source>H3 cell</source>
        <translation>cellule H3</translation>
    </message>
    <message>
        <source>microseconds</source>
        <translation>microsecondes</translation>
    </message>
    <message>
        <source>nanoseconds</source>
        <translation>nanosecondes</translation>
    </message>
    <message>
        <source>day, month, year</source>
        <translation>jour, mois, année</translation>
    </message>
    <message>
        <source>month, day, year</source>
        <translation>mois, jour, année</translation>
    </message>
    <message>
        <source>CRS</source>
        <translation>SCR</translation>
    </message>
    <message>
        <source>Say which keys hold the positions, and of what kind they are. The preview then shows what is read.</source>
        <translation>Dire quelles clés contiennent les positions et de quelle sorte elles sont. L’aperçu montre alors ce qui est lu.</translation>
    </message>
    <message>
        <source>Date, if apart</source>
        <translation>Date, si à part</translation>
    </message>
    <message>
        <source>Look at all keys</source>
        <translation>Parcourir toutes les clés</translation>
    </message>
    <message>
        <source>Reads the names of all keys, at a small share of the server's time: a minute for a million</source>
        <translation>Lit les noms de toutes les clés, en ne prenant qu’une petite part du temps du serveur : une minute par million</translation>
    </message>
    <message>
        <source>Looked at {seen} of {total} keys and found no positions.</source>
        <translation>{seen} clés sur {total} examinées, aucune position trouvée.</translation>
    </message>
    <message>
        <source>It was stopped before the end.</source>
        <translation>L’examen a été arrêté avant la fin.</translation>
    </message>
    <message>
        <source>More than that would have burdened the server: a pattern finds what was left out.</source>
        <translation>Davantage aurait chargé le serveur : un motif trouve ce qui a été laissé de côté.</translation>
    </message>
    <message>
        <source>{n} keys are too large to look into, the largest is {key}.</source>
        <translation>{n} clés sont trop grandes pour être examinées, la plus grande est {key}.</translation>
    </message>
    <message>
        <source>longitude {first}, latitude {second}</source>
        <translation>longitude {first}, latitude {second}</translation>
    </message>
    <message>
        <source>latitude {first}, longitude {second}</source>
        <translation>latitude {first}, longitude {second}</translation>
    </message>
    <message>
        <source>yes, show it</source>
        <translation>oui, l’afficher</translation>
    </message>
    <message>
        <source>Please choose</source>
        <translation>À choisir</translation>
    </message>
    <message>
        <source>Which comes first in {field}?</source>
        <translation>Qu’est-ce qui vient en premier dans {field} ?</translation>
    </message>
    <message>
        <source>In which CRS is {field}?</source>
        <translation>Dans quel SCR est {field} ?</translation>
    </message>
    <message>
        <source>Is {field} where the vehicle is?</source>
        <translation>{field} est-il l’endroit où se trouve le véhicule ?</translation>
    </message>
    <message>
        <source>In which unit is {field}?</source>
        <translation>Dans quelle unité est {field} ?</translation>
    </message>
    <message>
        <source>unit unknown</source>
        <translation>unité inconnue</translation>
    </message>
    <message>
        <source>The values are rows of a table, whose columns are named in {key}.</source>
        <translation>Les valeurs sont les lignes d’une table, dont les colonnes sont nommées dans {key}.</translation>
    </message>
    <message>
        <source>{layer} ({time})</source>
        <translation>{layer} ({time})</translation>
    </message>
    <message>
        <source>{copy} is a plain layer of yours now. The feed goes on in {layer}, a new layer.</source>
        <translation>{copy} est désormais une simple couche à vous. Le flux continue dans {layer}, une nouvelle couche.</translation>
    </message>
    <message>
        <source>Select one vehicle of {feed} on the map, then follow it.</source>
        <translation>Sélectionnez un véhicule de {feed} sur la carte, puis suivez-le.</translation>
    </message>
    <message>
        <source>Follow the selected vehicle</source>
        <translation>Suivre le véhicule sélectionné</translation>
    </message>
    <message>
        <source>Trails</source>
        <translation>Traces</translation>
    </message>
    <message>
        <source>Save positions…</source>
        <translation>Enregistrer les positions…</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Reprendre</translation>
    </message>
    <message>
        <source>Lifetime (seconds; 0: for ever)</source>
        <translation>Durée de vie (secondes ; 0 : pour toujours)</translation>
    </message>
    <message>
        <source>Speed of the replay (0: all at once)</source>
        <translation>Vitesse du rejeu (0 : tout d’un coup)</translation>
    </message>
    <message>
        <source>Largest age (seconds; 0: any)</source>
        <translation>Âge maximal (secondes ; 0 : quelconque)</translation>
    </message>
    <message>
        <source>Rewound to {moment} UTC: {feeds}</source>
        <translation>Retour au {moment} UTC : {feeds}</translation>
    </message>
    <message>
        <source>Remove the feed {feed} with its layers? What it has kept of the way of its vehicles is lost. Nothing changes in Redis.</source>
        <translation>Retirer le flux {feed} et ses couches ? Ce qu’il a gardé du parcours de ses véhicules est perdu. Rien ne change dans Redis.</translation>
    </message>
    <message>
        <source>{feed}: its trails were removed with its layer.</source>
        <translation>{feed} : ses traces ont été retirées avec sa couche.</translation>
    </message>
    <message>
        <source>Remove the feed</source>
        <translation>Retirer le flux</translation>
    </message>
    <message>
        <source>{feed}: its vehicles appear on the map.</source>
        <translation>{feed} : ses véhicules apparaissent sur la carte.</translation>
    </message>
    <message>
        <source>rewound</source>
        <translation>retour arrière</translation>
    </message>
    <message>
        <source>{feed}: the layer of its geofences holds no polygon, so nothing is watched.</source>
        <translation>{feed} : la couche de ses périmètres ne contient aucun polygone ; rien n’est surveillé.</translation>
    </message>
    <message>
        <source>Named by</source>
        <translation>Nommés par</translation>
    </message>
    <message>
        <source>This layer holds no polygon: nothing can be entered or left.</source>
        <translation>Cette couche ne contient aucun polygone : rien à franchir.</translation>
    </message>
    <message>
        <source>Polygons watched: {count}</source>
        <translation>Polygones surveillés : {count}</translation>
    </message>
    <message>
        <source>Rewind with QGIS's Temporal Controller: it is set to the time that can be rewound. While it shows a moment, so do the feeds.</source>
        <translation>Retour arrière avec le contrôleur temporel de QGIS : il est réglé sur le passé disponible. Tant qu’il montre un moment, les flux aussi.</translation>
    </message>
    <message>
        <source>Zoom to all vehicles of the feed</source>
        <translation>Zoomer sur tous les véhicules du flux</translation>
    </message>
    <message>
        <source>Zoom to the selected vehicles</source>
        <translation>Zoomer sur les véhicules sélectionnés</translation>
    </message>
    <message>
        <source>Lag (ms)</source>
        <translation>Retard (ms)</translation>
    </message>
    <message>
        <source>no speeds yet</source>
        <translation>pas encore de vitesse</translation>
    </message>
    <message>
        <source>choose a vehicle</source>
        <translation>choisissez un véhicule</translation>
    </message>
    <message>
        <source>{vehicle} (km/h)</source>
        <translation>{vehicle} (km/h)</translation>
    </message>
    <message>
        <source>{vehicles} · selected: {count}</source>
        <translation>{vehicles} · sélectionnés : {count}</translation>
    </message>
    <message>
        <source>ticks of .NET (100 ns since the year 1)</source>
        <translation>ticks de .NET (100 ns depuis l’an 1)</translation>
    </message>
    <message>
        <source>Looked at {seen} of {total} keys. Kinds of positions found: {n}.</source>
        <translation>{seen} clés examinées sur {total}. Sortes de positions trouvées : {n}.</translation>
    </message>
    <message>
        <source>Longitude is “{lon}”, latitude is “{lat}”.</source>
        <translation>La longitude est « {lon} », la latitude « {lat} ».</translation>
    </message>
    <message>
        <source>The time of the report is “{field}”: {form}.</source>
        <translation>L’heure du relevé est « {field} » : {form}.</translation>
    </message>
    <message>
        <source>no change yet</source>
        <translation>aucun changement encore</translation>
    </message>
    <message>
        <source>Positions written: {n}</source>
        <translation>Positions écrites : {n}</translation>
    </message>
    <message>
        <source>“{field}” are whole numbers: please say how many make one degree.</source>
        <translation>« {field} » sont des nombres entiers : dites combien font un degré.</translation>
    </message>
    <message>
        <source>Records that deny their position in “{field}” are refused.</source>
        <translation>Les enregistrements qui nient leur position dans « {field} » sont refusés.</translation>
    </message>
    <message>
        <source>The age “{field}” is taken off the time.</source>
        <translation>L’âge « {field} » est retranché de l’heure.</translation>
    </message>
    <message>
        <source>The other order would put “{field}” into the sea.</source>
        <translation>L’ordre inverse mettrait « {field} » en pleine mer.</translation>
    </message>
    <message>
        <source>{n}: longitude {first}, latitude {second}</source>
        <translation>{n} : longitude {first}, latitude {second}</translation>
    </message>
    <message>
        <source>How many of the integers in “{field}” make one degree?</source>
        <translation>Combien d’entiers de « {field} » font un degré ?</translation>
    </message>
    <message>
        <source>Integers to the degree</source>
        <translation>Entiers par degré</translation>
    </message>
    <message>
        <source>Where coordinates are whole numbers: how many make one degree. 3600000 are milliseconds.</source>
        <translation>Si les coordonnées sont des nombres entiers : combien font un degré. 3600000 : millisecondes.</translation>
    </message>
    <message>
        <source>time series found by their labels</source>
        <translation>séries temporelles trouvées par leurs étiquettes</translation>
    </message>
    <message>
        <source>The label {coordinate} says which coordinate a series is, the label {id} whose.</source>
        <translation>L’étiquette {coordinate} dit de quelle coordonnée est une série, l’étiquette {id} de quel véhicule.</translation>
    </message>
    <message>
        <source>Add features…</source>
        <translation>Ajouter des entités…</translation>
    </message>
    <message>
        <source>Add features from Redis</source>
        <translation>Ajouter des entités de Redis</translation>
    </message>
    <message>
        <source>As the keys</source>
        <translation>Comme les clés</translation>
    </message>
    <message>
        <source>zone:*, one key, or the name of an index</source>
        <translation>zone:*, une clé, ou le nom d’un index</translation>
    </message>
    <message>
        <source>found by itself</source>
        <translation>trouvé tout seul</translation>
    </message>
    <message>
        <source>its own id, else what changes in the key</source>
        <translation>son propre identifiant, sinon ce qui change dans la clé</translation>
    </message>
    <message>
        <source>Find features in Redis</source>
        <translation>Chercher des entités dans Redis</translation>
    </message>
    <message>
        <source>Sets of features found: {n}.</source>
        <translation>Jeux d’entités trouvés : {n}.</translation>
    </message>
    <message>
        <source>No features were found by themselves.</source>
        <translation>Aucune entité n’a été trouvée toute seule.</translation>
    </message>
    <message>
        <source>Looking at features</source>
        <translation>Lecture d’un aperçu des entités</translation>
    </message>
    <message>
        <source>Nothing stands there.</source>
        <translation>Il n’y a rien là.</translation>
    </message>
    <message>
        <source>Of {n} keys that were looked at: {kinds}. Attributes: {fields}</source>
        <translation>Dans {n} clés regardées : {kinds}. Attributs : {fields}</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>Nombre</translation>
    </message>
    <message>
        <source>Geometry</source>
        <translation>Géométrie</translation>
    </message>
    <message>
        <source>the CRS has to be said</source>
        <translation>le SCR est à indiquer</translation>
    </message>
    <message>
        <source>being edited: what is new waits</source>
        <translation>en édition : les nouveautés attendent</translation>
    </message>
    <message>
        <source>This set of features is stopped. The layers keep what they showed last.</source>
        <translation>Ce jeu d’entités est arrêté. Les couches gardent ce qu’elles montraient.</translation>
    </message>
    <message>
        <source>Last change {ago} ago (features: {rows}), in {ms} ms.</source>
        <translation>Dernier changement il y a {ago} (entités : {rows}), en {ms} ms.</translation>
    </message>
    <message>
        <source>The whole set is read each time, as the server does not tell what changes{why}.</source>
        <translation>Tout le jeu est relu à chaque fois, car le serveur ne dit pas ce qui change{why}.</translation>
    </message>
    <message>
        <source>Nothing stands in {keys} yet; the layers come with it.</source>
        <translation>Il n’y a encore rien dans {keys} ; les couches viendront avec.</translation>
    </message>
    <message>
        <source>Remove the set {set} with its layers? Nothing changes in Redis.</source>
        <translation>Retirer le jeu {set} avec ses couches ? Rien ne change dans Redis.</translation>
    </message>
    <message>
        <source>Remove the set of features</source>
        <translation>Retirer le jeu d’entités</translation>
    </message>
    <message>
        <source>The set of features of the layer {layer} cannot be read from the project; it stays as it is.</source>
        <translation>Le jeu d’entités de la couche {layer} ne peut pas être lu dans le projet ; elle reste telle quelle.</translation>
    </message>
    <message>
        <source>{set}: its layers appear on the map with its features.</source>
        <translation>{set} : ses couches apparaissent sur la carte avec ses entités.</translation>
    </message>
    <message>
        <source>No Redis connection is set up. Add one under Settings, Options, Redis Geo, then add features.</source>
        <translation>Aucune connexion Redis n’est configurée. Ajoutez-en une dans Préférences, Options, Redis Geo, puis ajoutez des entités.</translation>
    </message>
    <message>
        <source>coordinates of different times</source>
        <translation>coordonnées d’heures différentes</translation>
    </message>
    <message>
        <source>semicircles</source>
        <translation>demi-cercles</translation>
    </message>
    <message>
        <source>The newest 1,000 of the values that are not shown now. One that is mended goes from here.</source>
        <translation>Les 1 000 dernières valeurs qui ne sont pas affichées en ce moment. Celle qui est corrigée disparaît d’ici.</translation>
    </message>
    <message>
        <source>Declared by an index</source>
        <translation>Déclaré par un index</translation>
    </message>
    <message>
        <source>Settings of the set {name}</source>
        <translation>Réglages du jeu {name}</translation>
    </message>
    <message>
        <source>{feed}: zones</source>
        <translation>{feed} : zones</translation>
    </message>
    <message>
        <source>{feed}: density</source>
        <translation>{feed} : densité</translation>
    </message>
    <message>
        <source>vehicles</source>
        <translation>véhicules</translation>
    </message>
    <message>
        <source>mean speed (m/s)</source>
        <translation>vitesse moyenne (m/s)</translation>
    </message>
    <message>
        <source>time spent (s)</source>
        <translation>temps passé (s)</translation>
    </message>
    <message>
        <source>zone</source>
        <translation>zone</translation>
    </message>
    <message>
        <source>vehicles that entered</source>
        <translation>véhicules entrés</translation>
    </message>
    <message>
        <source>vehicles that left</source>
        <translation>véhicules sortis</translation>
    </message>
    <message>
        <source>cell</source>
        <translation>cellule</translation>
    </message>
    <message>
        <source>1 vehicle</source>
        <translation>1 véhicule</translation>
    </message>
    <message>
        <source>{low} to {high} vehicles</source>
        <translation>de {low} à {high} véhicules</translation>
    </message>
    <message>
        <source>no vehicle</source>
        <translation>aucun véhicule</translation>
    </message>
    <message>
        <source>{n} or more vehicles</source>
        <translation>{n} véhicules ou plus</translation>
    </message>
    <message>
        <source>{n} vehicles</source>
        <translation>{n} véhicules</translation>
    </message>
    <message>
        <source>Occupied cells: {cells}; vehicles in them: {vehicles}.</source>
        <translation>Cellules occupées : {cells} ; véhicules qu’elles contiennent : {vehicles}.</translation>
    </message>
    <message>
        <source>Zones counted: {n}. Entered and left count from when they were read.</source>
        <translation>Zones comptées : {n}. Entrées et sorties comptent depuis leur lecture.</translation>
    </message>
    <message>
        <source>Density</source>
        <translation>Densité</translation>
    </message>
    <message>
        <source>Choose polygons under Geofences and press Watch, to count by them too.</source>
        <translation>Choisissez des polygones sous Périmètres et cliquez sur Surveiller, pour compter aussi par polygone.</translation>
    </message>
    <message>
        <source>Cells on the map follow the fleet: how many vehicles, how fast, and for how long.</source>
        <translation>Des cellules sur la carte suivent la flotte : combien de véhicules, à quelle vitesse et depuis combien de temps.</translation>
    </message>
    <message>
        <source>Counting begins when the feed runs.</source>
        <translation>Le comptage commence quand le flux tourne.</translation>
    </message>
    <message>
        <source>Zones show how many vehicles are inside, for how long, and how many entered and left.</source>
        <translation>Les zones montrent combien de véhicules s’y trouvent, depuis combien de temps, et combien sont entrés et sortis.</translation>
    </message>
    <message>
        <source>Nothing is counted: the cells are too small for coordinates of this CRS.</source>
        <translation>Rien n’est compté : les cellules sont trop petites pour les coordonnées de ce SCR.</translation>
    </message>
    <message>
        <source>Nothing is counted: more than 100,000 cells are occupied. Choose a larger size.</source>
        <translation>Rien n’est compté : plus de 100 000 cellules sont occupées. Choisissez une taille plus grande.</translation>
    </message>
    <message>
        <source>Show cells on the map</source>
        <translation>Montrer les cellules sur la carte</translation>
    </message>
    <message>
        <source>Count the fleet by cells</source>
        <translation>Compter la flotte par cellule</translation>
    </message>
    <message>
        <source>Show zones on the map</source>
        <translation>Montrer les zones sur la carte</translation>
    </message>
    <message>
        <source>Count the fleet by the polygons that are watched under Geofences</source>
        <translation>Compter la flotte par les polygones surveillés sous Périmètres</translation>
    </message>
    <message>
        <source>Nothing is counted: {why}</source>
        <translation>Rien n’est compté : {why}</translation>
    </message>
    <message>
        <source>Hexagons</source>
        <translation>Hexagones</translation>
    </message>
    <message>
        <source>Squares</source>
        <translation>Carrés</translation>
    </message>
    <message>
        <source>of</source>
        <translation>de</translation>
    </message>
    <message>
        <source>Outside of the CRS: {n}</source>
        <translation>Hors du SCR : {n}</translation>
    </message>
    <message>
        <source>{feed}: its density was removed with its layer.</source>
        <translation>{feed} : sa densité a été retirée avec sa couche.</translation>
    </message>
    <message>
        <source>From one side of a cell to the opposite one, in the unit of the CRS of the cells.</source>
        <translation>D’un côté d’une cellule au côté opposé, dans l’unité du SCR des cellules.</translation>
    </message>
    <message>
        <source>Hexagons stand on a corner. The cells are anchored at the origin of the CRS.</source>
        <translation>Les hexagones reposent sur un sommet. Les cellules sont ancrées à l’origine du SCR.</translation>
    </message>
    <message>
        <source>Reports before this moment are left out. Empty, as Until: the latest positions.</source>
        <translation>Les relevés antérieurs à ce moment sont omis. Vide, comme « Au » : les dernières positions.</translation>
    </message>
    <message>
        <source>Reports after this moment are left out. The same as From: the positions of that moment.</source>
        <translation>Les relevés postérieurs à ce moment sont omis. Égal à « Du » : les positions à ce moment.</translation>
    </message>
    <message>
        <source>A polygon for each cell with a vehicle: their number, the mean of the speeds that are known (m/s) and the seconds they spent there, which only a span of time tells.</source>
        <translation>Un polygone par cellule où se trouve un véhicule : leur nombre, la moyenne des vitesses connues (m/s) et les secondes passées, que seule une période indique.</translation>
    </message>
    <message>
        <source>Empty: the CRS of the project; without one, EPSG:4326, whose unit is the degree.</source>
        <translation>Vide : le SCR du projet ; sans projet, EPSG:4326, dont l’unité est le degré.</translation>
    </message>
    <message>
        <source>A vehicle is where it last reported until it reports again. A longer silence counts for no cell, and a vehicle that was silent for longer at a moment is not counted.</source>
        <translation>Un véhicule est là où il a émis en dernier, jusqu’à ce qu’il émette de nouveau. Un silence plus long ne compte pour aucune cellule, et un véhicule silencieux depuis plus longtemps à un moment n’est pas compté.</translation>
    </message>
    <message>
        <source>SIZE is in the unit of {crs}: {size} degrees are no cell. Choose a smaller SIZE, or a GRID_CRS in metres.</source>
        <translation>SIZE est dans l’unité de {crs} : {size} degrés ne font pas une cellule. Choisissez une SIZE plus petite, ou un GRID_CRS en mètres.</translation>
    </message>
    <message>
        <source>Density of a fleet</source>
        <translation>Densité d’une flotte</translation>
    </message>
    <message>
        <source>live,positions,density,hexagons,grid,heat map,dwell,history,redis</source>
        <translation>direct,positions,densité,hexagones,grille,carte de chaleur,temps passé,historique,redis</translation>
    </message>
    <message>
        <source>Counts the vehicles of a fleet in Redis by hexagons or squares: a polygon for each cell that holds any, with their number, their mean speed and the time they spent there. Without a time it counts the latest positions. With From and Until it counts what a stream or lists have kept: every vehicle that was in the cell at all, and for how long. The same moment for both counts where the vehicles were then.</source>
        <translation>Compte les véhicules d’une flotte dans Redis par hexagones ou carrés : un polygone par cellule occupée, avec leur nombre, leur vitesse moyenne et le temps qu’ils y ont passé. Sans date, les dernières positions sont comptées. Avec « Du » et « Au », ce qu’un flux (stream) ou des listes ont gardé : chaque véhicule passé par la cellule, et pour combien de temps. Le même moment pour les deux compte où étaient alors les véhicules.</translation>
    </message>
    <message>
        <source>Size of the cells</source>
        <translation>Taille des cellules</translation>
    </message>
    <message>
        <source>Shape of the cells</source>
        <translation>Forme des cellules</translation>
    </message>
    <message>
        <source>Cells</source>
        <translation>Cellules</translation>
    </message>
    <message>
        <source>Number of cells</source>
        <translation>Nombre de cellules</translation>
    </message>
    <message>
        <source>CRS of the cells</source>
        <translation>SCR des cellules</translation>
    </message>
    <message>
        <source>Cells of {size} are too small for coordinates of {crs}. Choose a larger SIZE.</source>
        <translation>Des cellules de {size} sont trop petites pour les coordonnées de {crs}. Choisissez une SIZE plus grande.</translation>
    </message>
    <message>
        <source>SIZE has to be more than 0.</source>
        <translation>SIZE doit être supérieur à 0.</translation>
    </message>
    <message>
        <source>Nothing can be replayed: cancelled.</source>
        <translation>Rien ne peut être rejoué : annulé.</translation>
    </message>
    <message>
        <source>{feed}: the stream holds no position that could be replayed.</source>
        <translation>{feed} : le flux (stream) ne contient aucune position à rejouer.</translation>
    </message>
    <message>
        <source>{feed}: the stream could not be looked through. {problem}</source>
        <translation>{feed} : le flux (stream) n’a pas pu être parcouru. {problem}</translation>
    </message>
    <message>
        <source>{feed}: {n} reports from {start} to {end} UTC can be replayed.</source>
        <translation>{feed} : {n} relevés, de {start} à {end} UTC, peuvent être rejoués.</translation>
    </message>
    <message>
        <source>Look through the stream of {feed}</source>
        <translation>Parcours du flux (stream) de {feed}</translation>
    </message>
    <message>
        <source>Replay the stream…</source>
        <translation>Rejouer le flux…</translation>
    </message>
    <message>
        <source>Look through all that the stream has kept; then QGIS's Temporal Controller plays it, at any speed</source>
        <translation>Parcourir tout ce que le flux (stream) a gardé ; le contrôleur temporel de QGIS le rejoue ensuite, à n’importe quelle vitesse</translation>
    </message>
    <message>
        <source>“{time}” may count from the start of the devices: please confirm that it is a time.</source>
        <translation>« {time} » peut compter depuis le démarrage des appareils : veuillez confirmer que c’est une heure.</translation>
    </message>
    <message>
        <source>Maps and phones in China often give positions that are moved by some hundred metres (GCJ-02).</source>
        <translation>En Chine, les cartes et les téléphones donnent souvent des positions déplacées de quelques centaines de mètres (GCJ-02).</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>oui</translation>
    </message>
    <message>
        <source>yes, the newest is of {day}</source>
        <translation>oui, le plus récent est du {day}</translation>
    </message>
    <message>
        <source>Is “{field}” the time of the report?</source>
        <translation>« {field} » est-il l’heure du relevé ?</translation>
    </message>
    <message>
        <source>From one side of a cell to the opposite one, in the CRS of the cells</source>
        <translation>D’un côté d’une cellule au côté opposé, dans le SCR des cellules</translation>
    </message>
    <message>
        <source>{feed}: its stream is being looked through already.</source>
        <translation>{feed} : son flux est déjà en cours d’examen.</translation>
    </message>
    <message>
        <source>{feed}: it was stopped, or reads another stream by now. Replay it again.</source>
        <translation>{feed} : il a été arrêté, ou lit désormais un autre flux. Rejouez-le.</translation>
    </message>
    <message>
        <source>choose a layer of polygons</source>
        <translation>choisissez une couche de polygones</translation>
    </message>
    <message>
        <source>{feed}: a process of its own reads this fleet and keeps no past. Export its layer instead.</source>
        <translation>{feed} : cette flotte est lue par un processus à part, qui ne garde pas le passé. Exportez plutôt sa couche.</translation>
    </message>
    <message>
        <source>Read large fleets in a process of their own (experimental)</source>
        <translation>Lire les grandes flottes dans un processus à part (expérimental)</translation>
    </message>
    <message>
        <source>From this number of vehicles on</source>
        <translation>À partir de ce nombre de véhicules</translation>
    </message>
    <message>
        <source>The layer then shows files in shared memory that this process writes, and the window stays quick. Such a layer knows no past: a feed with trails, geofences or a restriction to the map view stays as it is.</source>
        <translation>La couche montre alors des fichiers en mémoire partagée que ce processus écrit, et la fenêtre reste rapide. Une telle couche ne connaît pas le passé : un flux avec des traces, des périmètres ou une restriction à l’emprise de la carte reste comme il est.</translation>
    </message>
    <message>
        <source>A process of its own reads this fleet: there is no past. Trails need an ordinary layer.</source>
        <translation>Cette flotte est lue par un processus à part : il n’y a pas de passé. Les traces demandent une couche ordinaire.</translation>
    </message>
    <message>
        <source>A process of its own reads this fleet. There is no past here: trails, rewinding, replay and geofences need an ordinary layer. Add trails or geofences, and the feed goes on in one.</source>
        <translation>Cette flotte est lue par un processus à part. Il n’y a pas de passé ici : les traces, le retour arrière, la relecture et les périmètres demandent une couche ordinaire. Ajoutez des traces ou des périmètres, et le flux continue dans une telle couche.</translation>
    </message>
    <message>
        <source>The fleet is shown in an ordinary layer. {why}</source>
        <translation>La flotte est montrée dans une couche ordinaire. {why}</translation>
    </message>
    <message>
        <source>Large as it is, the fleet is shown in an ordinary layer: its trails need that.</source>
        <translation>Toute grande qu’elle est, la flotte est montrée dans une couche ordinaire : ses traces le demandent.</translation>
    </message>
    <message>
        <source>Large as it is, the fleet is shown in an ordinary layer: its geofences need that.</source>
        <translation>Toute grande qu’elle est, la flotte est montrée dans une couche ordinaire : ses périmètres le demandent.</translation>
    </message>
    <message>
        <source>Large as it is, the fleet is shown in an ordinary layer: the map view restricts it.</source>
        <translation>Toute grande qu’elle est, la flotte est montrée dans une couche ordinaire : elle est restreinte à l’emprise de la carte.</translation>
    </message>
    <message>
        <source>Texts are cut at 254 bytes.</source>
        <translation>Les textes sont coupés à 254 octets.</translation>
    </message>
</context>
</TS>
