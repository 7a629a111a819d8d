<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>RedisGeo</name>
    <message>
        <source>Feature {id} of “{name}” has an invalid geometry and was skipped.</source>
        <translation>L’entité {id} de « {name} » a une géométrie invalide et a été ignorée.</translation>
    </message>
    <message>
        <source>Feature {id} of “{name}” has an invalid geometry. Mend it, or change “Invalid features filtering” in the options of Processing.</source>
        <translation>L’entité {id} de « {name} » a une géométrie invalide. Corrigez-la, ou changez « Filtrage des entités invalides » dans les options de Traitement.</translation>
    </message>
    <message>
        <source>The output layer refuses the features. {words}</source>
        <translation>La couche de sortie refuse les entités. {words}</translation>
    </message>
    <message>
        <source>metres</source>
        <translation>mètres</translation>
    </message>
    <message>
        <source>kilometres</source>
        <translation>kilomètres</translation>
    </message>
    <message>
        <source>miles</source>
        <translation>miles</translation>
    </message>
    <message>
        <source>feet</source>
        <translation>pieds</translation>
    </message>
    <message>
        <source>units of the layer</source>
        <translation>unités de la couche</translation>
    </message>
    <message>
        <source>Buffer {distance} {unit} of {layer}</source>
        <translation>Tampon de {distance} {unit} de {layer}</translation>
    </message>
    <message>
        <source>Intersection of {layer}</source>
        <translation>Intersection de {layer}</translation>
    </message>
    <message>
        <source>Buffer selected features</source>
        <translation>Tampon des entités sélectionnées</translation>
    </message>
    <message>
        <source>Choose a vector layer in the Layers panel, and select the features to buffer.</source>
        <translation>Choisissez une couche vecteur dans le panneau Couches et sélectionnez les entités.</translation>
    </message>
    <message>
        <source>In the cache</source>
        <translation>Dans le cache</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Actualiser</translation>
    </message>
    <message>
        <source>Redis Geo: counting the cache</source>
        <translation>Redis Geo : comptage du cache</translation>
    </message>
    <message>
        <source>Purge the cache</source>
        <translation>Purger le cache</translation>
    </message>
    <message>
        <source>Redis Geo: purging the cache</source>
        <translation>Redis Geo : purge du cache</translation>
    </message>
    <message>
        <source>Namespace</source>
        <translation>Espace de noms</translation>
    </message>
    <message>
        <source>Operation</source>
        <translation>Opération</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>Résultats</translation>
    </message>
    <message>
        <source>Nothing yet. The first run fills it.</source>
        <translation>Vide : la première exécution le remplit.</translation>
    </message>
    <message>
        <source>Delete {count} results ({operation}) of the namespace “{namespace}”? Everyone who uses this server will have to compute them again.</source>
        <translation>Supprimer {count} résultats ({operation}) de l’espace de noms « {namespace} » ? Tous les utilisateurs de ce serveur devront les recalculer.</translation>
    </message>
    <message>
        <source>Buffer</source>
        <translation>Tampon</translation>
    </message>
    <message>
        <source>Intersection</source>
        <translation>Intersection</translation>
    </message>
    <message>
        <source>{hits} of {asked} found, {spared} s of computing spared for all who use it</source>
        <translation>{hits} trouvés sur {asked} demandés, {spared} s de calcul épargnées à l’ensemble des utilisateurs</translation>
    </message>
    <message>
        <source>Deleted results: {count}</source>
        <translation>Résultats supprimés : {count}</translation>
    </message>
    <message>
        <source>A namespace is made of letters, digits, - and _ (at most 64).</source>
        <translation>Un espace de noms se compose de lettres, de chiffres, de - et de _ (64 au plus).</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Distance</translation>
    </message>
    <message>
        <source>Measure on the ellipsoid</source>
        <translation>Mesurer sur l’ellipsoïde</translation>
    </message>
    <message>
        <source>True metres, across the 180 degree meridian and near the poles too.</source>
        <translation>De vrais mètres, y compris de part et d’autre du méridien 180° et près des pôles.</translation>
    </message>
    <message>
        <source>Dissolve the result</source>
        <translation>Regrouper le résultat</translation>
    </message>
    <message>
        <source>Buffer distance</source>
        <translation>Distance du tampon</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Forme</translation>
    </message>
    <message>
        <source>Round</source>
        <translation>Rond</translation>
    </message>
    <message>
        <source>Flat</source>
        <translation>Plat</translation>
    </message>
    <message>
        <source>Square</source>
        <translation>Carré</translation>
    </message>
    <message>
        <source>Miter</source>
        <translation>Angle droit</translation>
    </message>
    <message>
        <source>Bevel</source>
        <translation>Biseau</translation>
    </message>
    <message>
        <source>Segments</source>
        <translation>Segments</translation>
    </message>
    <message>
        <source>End cap style</source>
        <translation>Style d’extrémité</translation>
    </message>
    <message>
        <source>Join style</source>
        <translation>Style de jointure</translation>
    </message>
    <message>
        <source>Miter limit</source>
        <translation>Limite d’angle droit</translation>
    </message>
    <message>
        <source>Overlay layer</source>
        <translation>Couche de superposition</translation>
    </message>
    <message>
        <source>Choose the overlay layer to intersect with.</source>
        <translation>Choisissez la couche de superposition de l’intersection.</translation>
    </message>
    <message>
        <source>A part of the cache of its own, such as a project's name: letters, digits, - and _</source>
        <translation>Une partie du cache à part, par exemple le nom d’un projet : lettres, chiffres, - et _</translation>
    </message>
    <message>
        <source>Keep for</source>
        <translation>Conserver</translation>
    </message>
    <message>
        <source>one hour</source>
        <translation>une heure</translation>
    </message>
    <message>
        <source>one day</source>
        <translation>un jour</translation>
    </message>
    <message>
        <source>one week</source>
        <translation>une semaine</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 jours</translation>
    </message>
    <message>
        <source>one year</source>
        <translation>un an</translation>
    </message>
    <message>
        <source>until purged</source>
        <translation>jusqu’à la purge</translation>
    </message>
    <message>
        <source>{layer} has no CRS, so a distance in {unit} means nothing. Set its CRS, or use its own units.</source>
        <translation>{layer} n’a pas de SCR : une distance en {unit} n’a donc pas de sens. Définissez son SCR ou utilisez ses propres unités.</translation>
    </message>
    <message>
        <source>{seconds} seconds</source>
        <translation>{seconds} secondes</translation>
    </message>
    <message>
        <source>Kept in the cache</source>
        <translation>Conservé dans le cache</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Couche</translation>
    </message>
    <message>
        <source>Workers are computers that take jobs from the server; see the Jobs panel. Without any, it is done here.</source>
        <translation>Les travailleurs sont des ordinateurs qui prennent des tâches sur le serveur ; voir le panneau Tâches. Sans eux, tout est calculé ici.</translation>
    </message>
    <message>
        <source>Compute</source>
        <translation>Calculer</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Exécuter</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annuler</translation>
    </message>
    <message>
        <source>here</source>
        <translation>ici</translation>
    </message>
    <message>
        <source>by workers when there are any</source>
        <translation>par les travailleurs s’il y en a</translation>
    </message>
    <message>
        <source>Add a vector layer to the project first.</source>
        <translation>Ajoutez d’abord une couche vecteur au projet.</translation>
    </message>
    <message>
        <source>Selected features only ({count})</source>
        <translation>Entités sélectionnées uniquement ({count})</translation>
    </message>
    <message>
        <source>Cancelled. What was computed until then is kept in the cache.</source>
        <translation>Annulé. Ce qui avait été calculé jusque-là est conservé dans le cache.</translation>
    </message>
    <message>
        <source>A run is under way. Wait for it, or cancel it in the Cache panel.</source>
        <translation>Une exécution est en cours. Attendez sa fin, ou annulez-la dans le panneau Cache.</translation>
    </message>
    <message>
        <source>The run failed. See the log for details.</source>
        <translation>L’exécution a échoué. Voir le journal pour les détails.</translation>
    </message>
    <message>
        <source>Computed by others in the meantime: {count}</source>
        <translation>Calculés par d’autres entre-temps : {count}</translation>
    </message>
    <message>
        <source>{done} Nothing more could be stored: {why}</source>
        <translation>{done} Plus rien n’a pu être enregistré : {why}</translation>
    </message>
    <message>
        <source>{done} {failed} without a result: see the log of Processing.</source>
        <translation>{done} {failed} sans résultat : voir le journal de Traitement.</translation>
    </message>
    <message>
        <source>Cache</source>
        <translation>Cache</translation>
    </message>
    <message>
        <source>A part of the cache of its own, such as a project's name. Results are shared by all who use the same server and namespace, and can be counted and purged together. Letters, digits, - and _.</source>
        <translation>Une partie du cache à part, par exemple le nom d’un projet. Les résultats sont partagés entre tous ceux qui utilisent le même serveur et le même espace de noms ; ils se comptent et se purgent ensemble. Lettres, chiffres, - et _.</translation>
    </message>
    <message>
        <source>How long the server keeps a result. 0 keeps it until it is purged.</source>
        <translation>Durée pendant laquelle le serveur conserve un résultat. 0 le conserve jusqu’à la purge.</translation>
    </message>
    <message>
        <source>Read from the cache</source>
        <translation>Lus dans le cache</translation>
    </message>
    <message>
        <source>Not in the cache</source>
        <translation>Absents du cache</translation>
    </message>
    <message>
        <source>Computed</source>
        <translation>Calculés</translation>
    </message>
    <message>
        <source>Computed by others in the meantime</source>
        <translation>Calculés par d’autres entre-temps</translation>
    </message>
    <message>
        <source>Stored in the cache</source>
        <translation>Enregistrés dans le cache</translation>
    </message>
    <message>
        <source>Features without a result</source>
        <translation>Entités sans résultat</translation>
    </message>
    <message>
        <source>Seconds of computing spared</source>
        <translation>Secondes de calcul épargnées</translation>
    </message>
    <message>
        <source>Seconds taken</source>
        <translation>Secondes écoulées</translation>
    </message>
    <message>
        <source>{hits} of {total} from the cache, {computed} computed ({seconds} s of computing spared).</source>
        <translation>{hits} sur {total} lus dans le cache, {computed} calculés ({seconds} s de calcul épargnées).</translation>
    </message>
    <message>
        <source>Not everything could be read from or stored in the cache. {why}</source>
        <translation>Tout n’a pas pu être lu ou enregistré dans le cache. {why}</translation>
    </message>
    <message>
        <source>Buffer (cached in Redis)</source>
        <translation>Tampon (mis en cache dans Redis)</translation>
    </message>
    <message>
        <source>A buffer that is computed once for the whole organisation.</source>
        <translation>Un tampon calculé une seule fois pour toute l’organisation.</translation>
    </message>
    <message>
        <source>Computes a buffer around every feature, as the native buffer does, and keeps each result in Redis or Valkey. Whoever asks for the same buffer again, on any machine, gets it at once.

A result is found again by everything it depends on: the geometry, the distance, the styles and the CRS. Features that are quicker to compute than to fetch, such as many thousand points, are computed on the spot.

Z and M values are dropped, and curves are split into segments. Without a connection the buffers are computed all the same, and nothing is stored.</source>
        <translation>Calcule un tampon autour de chaque entité, comme le tampon natif, et conserve chaque résultat dans Redis ou Valkey. Quiconque redemande le même tampon, sur n’importe quelle machine, l’obtient aussitôt.

Un résultat est retrouvé d’après tout ce dont il dépend : la géométrie, la distance, les styles et le SCR. Les entités plus rapides à calculer qu’à lire, par exemple plusieurs milliers de points, sont calculées sur place.

Les valeurs Z et M sont abandonnées, et les courbes sont découpées en segments. Sans connexion, les tampons sont calculés tout de même et rien n’est enregistré.</translation>
    </message>
    <message>
        <source>The layer whose features are buffered; only its selected features if you wish.</source>
        <translation>La couche dont on veut le tampon ; ses seules entités sélectionnées si vous le souhaitez.</translation>
    </message>
    <message>
        <source>The distance in the units of the layer, or in metres where it is measured on the ellipsoid.</source>
        <translation>La distance dans les unités de la couche, ou en mètres quand elle est mesurée sur l’ellipsoïde.</translation>
    </message>
    <message>
        <source>How many segments a quarter of a circle is made of.</source>
        <translation>Nombre de segments d’un quart de cercle.</translation>
    </message>
    <message>
        <source>How the buffer ends at the ends of a line.</source>
        <translation>Forme du tampon aux extrémités d’une ligne.</translation>
    </message>
    <message>
        <source>How the buffer goes round a corner.</source>
        <translation>Forme du tampon autour d’un angle.</translation>
    </message>
    <message>
        <source>How far a mitred corner may reach, as a factor of the distance. Only for mitred joins.</source>
        <translation>Jusqu’où peut aller un angle droit, en facteur de la distance. Seulement pour les jointures à angle droit.</translation>
    </message>
    <message>
        <source>Unite all buffers in one feature. The united shape is cached too.</source>
        <translation>Réunir tous les tampons en une seule entité. La forme réunie est elle aussi mise en cache.</translation>
    </message>
    <message>
        <source>Measures in metres on the ellipsoid of the layer's CRS, whatever its units: right for layers in degrees, across the 180 degree meridian and near the poles.</source>
        <translation>Mesure en mètres sur l’ellipsoïde du SCR de la couche, quelles que soient ses unités : juste pour les couches en degrés, de part et d’autre du méridien 180° et près des pôles.</translation>
    </message>
    <message>
        <source>Input layer</source>
        <translation>Couche source</translation>
    </message>
    <message>
        <source>Dissolve result</source>
        <translation>Regrouper le résultat</translation>
    </message>
    <message>
        <source>Keep disjoint results separate</source>
        <translation>Garder séparés les résultats disjoints</translation>
    </message>
    <message>
        <source>Distance in metres on the ellipsoid</source>
        <translation>Distance en mètres sur l’ellipsoïde</translation>
    </message>
    <message>
        <source>Buffered</source>
        <translation>Mis en tampon</translation>
    </message>
    <message>
        <source>A distance on the ellipsoid needs a layer with a CRS. Set the layer's CRS first.</source>
        <translation>Une distance sur l’ellipsoïde demande une couche munie d’un SCR. Définissez d’abord le SCR de la couche.</translation>
    </message>
    <message>
        <source>Intersection (cached in Redis)</source>
        <translation>Intersection (mise en cache dans Redis)</translation>
    </message>
    <message>
        <source>An intersection of two layers that is computed once for the whole organisation.</source>
        <translation>Une intersection de deux couches calculée une seule fois pour toute l’organisation.</translation>
    </message>
    <message>
        <source>The layer that is cut.</source>
        <translation>La couche découpée.</translation>
    </message>
    <message>
        <source>The layer it is cut with. It may have another CRS.</source>
        <translation>La couche qui la découpe. Son SCR peut être différent.</translation>
    </message>
    <message>
        <source>Overlay fields prefix</source>
        <translation>Préfixe des champs de superposition</translation>
    </message>
    <message>
        <source>Put before the names of the overlay's attributes.</source>
        <translation>Placé devant le nom des attributs de la couche de superposition.</translation>
    </message>
    <message>
        <source>Input fields to keep (leave empty to keep all fields)</source>
        <translation>Champs de la source à conserver (vide : tous les champs)</translation>
    </message>
    <message>
        <source>Overlay fields to keep (leave empty to keep all fields)</source>
        <translation>Champs de superposition à conserver (vide : tous les champs)</translation>
    </message>
    <message>
        <source>Attributes that the result carries.</source>
        <translation>Attributs que porte le résultat.</translation>
    </message>
    <message>
        <source>Such as buffer or intersection. Empty: those of every operation.</source>
        <translation>Par exemple buffer ou intersection. Vide : ceux de toutes les opérations.</translation>
    </message>
    <message>
        <source>purge,delete,clear,cache,redis,valkey</source>
        <translation>purger,supprimer,vider,cache,redis,valkey</translation>
    </message>
    <message>
        <source>Deleted results</source>
        <translation>Résultats supprimés</translation>
    </message>
    <message>
        <source>Unknown operation. Known are: {names}.</source>
        <translation>Opération inconnue. Opérations connues : {names}.</translation>
    </message>
    <message>
        <source>The expression of the distance is not right: {why}</source>
        <translation>L’expression de la distance n’est pas correcte : {why}</translation>
    </message>
    <message>
        <source>The expression of the distance names fields that {layer} does not have: {fields}</source>
        <translation>L’expression de la distance nomme des champs que {layer} n’a pas : {fields}</translation>
    </message>
    <message>
        <source>Hits</source>
        <translation>Succès</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Supprimer</translation>
    </message>
    <message>
        <source>Keep every result, also those that are quicker to compute than to fetch</source>
        <translation>Conserver tous les résultats, même ceux qui se calculent plus vite qu’ils ne se lisent</translation>
    </message>
    <message>
        <source>Many points, and other small geometries where that proves quicker, are computed on the spot and not stored. Tick this where the results themselves are wanted on the server.</source>
        <translation>De nombreux points, et d’autres petites géométries si cela s’avère plus rapide, sont calculés sur place et ne sont pas conservés. À cocher si les résultats eux-mêmes sont voulus sur le serveur.</translation>
    </message>
    <message>
        <source>{hits} of {total} pairs of features from the cache, {computed} computed</source>
        <translation>{hits} couples d’entités sur {total} lus dans le cache, {computed} calculés</translation>
    </message>
    <message>
        <source>{hits} of {total} from the cache, {computed} computed</source>
        <translation>{hits} sur {total} lus dans le cache, {computed} calculés</translation>
    </message>
    <message>
        <source>{spared} s of computing spared</source>
        <translation>{spared} s de calcul épargnées</translation>
    </message>
    <message>
        <source>Features with the same value become one; without a field, all of them</source>
        <translation>Les entités de même valeur n’en font plus qu’une ; sans champ, toutes n’en font qu’une</translation>
    </message>
    <message>
        <source>cache,redis,valkey,geodesic,metres</source>
        <translation>cache,redis,valkey,géodésique,mètres</translation>
    </message>
    <message>
        <source>Take the distance of each feature from a field or an expression; where it gives no number, the distance beside it is taken.</source>
        <translation>Prendre la distance de chaque entité dans un champ ou une expression ; là où il n’en sort pas de nombre, la distance à côté est prise.</translation>
    </message>
    <message>
        <source>Trust only results that are sealed with a shared secret</source>
        <translation>N’admettre que les résultats scellés par un secret partagé</translation>
    </message>
    <message>
        <source>For servers that others can write to: results without the seal are computed anew. Everyone who shares results, workers too, needs the same secret. It is kept in QGIS's authentication database.</source>
        <translation>Pour les serveurs où d’autres peuvent écrire : les résultats sans ce sceau sont recalculés. Tous ceux qui partagent les résultats, travailleurs compris, ont besoin du même secret. Il est gardé dans la base d’authentification de QGIS.</translation>
    </message>
    <message>
        <source>Shared secret</source>
        <translation>Secret partagé</translation>
    </message>
    <message>
        <source>Buffers the selected features of the current layer with the settings of the Cache panel. Now none is selected.</source>
        <translation>Crée le tampon des entités sélectionnées de la couche courante avec les réglages du panneau Cache. Aucune n’est sélectionnée pour l’instant.</translation>
    </message>
    <message>
        <source>Buffers the selected features of {layer} ({count}) with the settings of the Cache panel.</source>
        <translation>Crée le tampon des entités sélectionnées de {layer} ({count}) avec les réglages du panneau Cache.</translation>
    </message>
    <message>
        <source>Buffer {distance} {unit} of {layer}, dissolved</source>
        <translation>Tampon de {distance} {unit} de {layer}, regroupé</translation>
    </message>
    <message>
        <source>Intersection of {layer} with {overlay}</source>
        <translation>Intersection de {layer} avec {overlay}</translation>
    </message>
    <message>
        <source>{operation} {number} of {layer}</source>
        <translation>{operation} {number} de {layer}</translation>
    </message>
    <message>
        <source>{operation} “{field}” of {layer}</source>
        <translation>{operation} « {field} » de {layer}</translation>
    </message>
    <message>
        <source>{operation} from {layer} to {other}</source>
        <translation>{operation} de {layer} à {other}</translation>
    </message>
    <message>
        <source>Takes from every feature of the input the parts that lie within the features of the overlay, with the attributes of both, as the native intersection does. Each pair's result is kept in Redis or Valkey: whoever asks for it again, on any machine, gets it at once.

HITS and MISSES count pairs whose rectangles overlap, also those that turn out to share nothing. Invalid geometries are refused as set in QGIS's Processing options.</source>
        <translation>Extrait de chaque entité source les parties situées dans les entités de la couche de superposition, avec les attributs des deux, comme l’intersection native. Le résultat de chaque paire est conservé dans Redis ou Valkey : quiconque le redemande, sur n’importe quelle machine, l’obtient aussitôt.

HITS et MISSES comptent les paires dont les rectangles se recouvrent, y compris celles qui ne partagent finalement rien. Les géométries invalides sont refusées selon les options de Traitement de QGIS.</translation>
    </message>
    <message>
        <source>Grid size</source>
        <translation>Taille de la grille</translation>
    </message>
    <message>
        <source>The results are snapped to a grid of this size. Empty: to none.</source>
        <translation>Les résultats sont accrochés à une grille de cette taille. Vide : à aucune.</translation>
    </message>
    <message>
        <source>Features without a match</source>
        <translation>Entités sans correspondance</translation>
    </message>
    <message>
        <source>How many are sought for each feature. Those that are as near as the last come too.</source>
        <translation>Combien sont cherchées pour chaque entité. Celles qui sont aussi proches que la dernière viennent aussi.</translation>
    </message>
    <message>
        <source>Fields of layer 2 to copy</source>
        <translation>Champs de la couche 2 à copier</translation>
    </message>
    <message>
        <source>Empty: all of them.</source>
        <translation>Vide : tous.</translation>
    </message>
    <message>
        <source>Leave out features without a match</source>
        <translation>Laisser de côté les entités sans correspondance</translation>
    </message>
    <message>
        <source>Otherwise they are in the result too, without a line.</source>
        <translation>Sinon elles sont aussi dans le résultat, sans ligne.</translation>
    </message>
    <message>
        <source>Prefix of copied fields</source>
        <translation>Préfixe des champs copiés</translation>
    </message>
    <message>
        <source>Put before the names of the copied fields.</source>
        <translation>Placé devant les noms des champs copiés.</translation>
    </message>
    <message>
        <source>Number of nearest features</source>
        <translation>Nombre d’entités les plus proches</translation>
    </message>
    <message>
        <source>Maximum distance</source>
        <translation>Distance maximale</translation>
    </message>
    <message>
        <source>How far a match may be, in the units of the input layer. Empty: any distance.</source>
        <translation>Jusqu’où une correspondance peut se trouver, dans les unités de la couche en entrée. Vide : toute distance.</translation>
    </message>
    <message>
        <source>Features with a match</source>
        <translation>Entités avec correspondance</translation>
    </message>
    <message>
        <source>{what}

Each result is kept in Redis or Valkey: whoever asks for it again, on any machine, gets it at once. Without a connection everything is computed all the same, and nothing is stored.</source>
        <translation>{what}

Chaque résultat est gardé dans Redis ou Valkey : qui le redemande, sur n’importe quelle machine, l’obtient aussitôt. Sans connexion, tout est calculé quand même et rien n’est stocké.</translation>
    </message>
    <message>
        <source>Parts that do not touch become features of their own.</source>
        <translation>Les parties qui ne se touchent pas deviennent des entités à part.</translation>
    </message>
    <message>
        <source>Keep disjoint features separate</source>
        <translation>Garder séparées les entités disjointes</translation>
    </message>
    <message>
        <source>Save to GeoPackage…</source>
        <translation>Enregistrer en GeoPackage…</translation>
    </message>
    <message>
        <source>Keeps the result in a file, which the layer then shows.</source>
        <translation>Conserve le résultat dans un fichier, que la couche affiche ensuite.</translation>
    </message>
    <message>
        <source>There were too many results to remember each of them.</source>
        <translation>Il y avait trop de résultats pour retenir chacun d’eux.</translation>
    </message>
    <message>
        <source>Reading results from the cache</source>
        <translation>Lecture des résultats dans le cache</translation>
    </message>
    <message>
        <source>Results no longer in the cache: {missing} of {total}.</source>
        <translation>Résultats qui ne sont plus dans le cache : {missing} sur {total}.</translation>
    </message>
    <message>
        <source>Their results could not be read: {why}</source>
        <translation>Leurs résultats n’ont pas pu être lus : {why}</translation>
    </message>
    <message>
        <source>Not complete: {layers}. {why}</source>
        <translation>Incomplètes : {layers}. {why}</translation>
    </message>
    <message>
        <source>Computing {layer} again</source>
        <translation>Nouveau calcul de {layer}</translation>
    </message>
    <message>
        <source>Compute again</source>
        <translation>Recalculer</translation>
    </message>
    <message>
        <source>{layer} cannot be computed again: the layer that it came from is gone or empty.</source>
        <translation>{layer} ne peut pas être recalculée : la couche dont elle provient a disparu ou est vide.</translation>
    </message>
    <message>
        <source>Attributes are missing in {layers}: the layers that they came from are gone or empty.</source>
        <translation>Des attributs manquent dans {layers} : les couches dont ils provenaient ont disparu ou sont vides.</translation>
    </message>
    <message>
        <source>Save to GeoPackage</source>
        <translation>Enregistrer en GeoPackage</translation>
    </message>
    <message>
        <source>Saving {layer}</source>
        <translation>Enregistrement de {layer}</translation>
    </message>
    <message>
        <source>The layer could not be saved to {path}.</source>
        <translation>La couche n’a pas pu être enregistrée dans {path}.</translation>
    </message>
    <message>
        <source>Saved: {count} features, to {path}</source>
        <translation>Enregistrées : {count} entités, dans {path}</translation>
    </message>
    <message>
        <source>One feature for each part of a result that touches no other.</source>
        <translation>Une entité pour chaque partie d’un résultat qui n’en touche pas d’autre.</translation>
    </message>
    <message>
        <source>The namespace whose results are deleted. It must be named, or every namespace chosen below.</source>
        <translation>L’espace de noms dont les résultats sont supprimés. Il doit être nommé, ou tous les espaces choisis ci-dessous.</translation>
    </message>
    <message>
        <source>Delete the results of all namespaces. Leave the namespace empty then.</source>
        <translation>Supprimer les résultats de tous les espaces de noms. Laissez alors l’espace de noms vide.</translation>
    </message>
    <message>
        <source>Deletes the cached results of one namespace; of every namespace, and so of everyone who uses this server, only where that is chosen. Only results that this plugin stored are deleted, in small batches, so that the server goes on serving others. The Cache panel does the same after showing how much it is.</source>
        <translation>Supprime les résultats mis en cache d’un espace de noms ; ceux de tous les espaces, donc de tous les utilisateurs de ce serveur, seulement si cela est choisi. Seuls les résultats que cette extension a enregistrés sont supprimés, par petits lots, de sorte que le serveur continue de servir les autres. Le panneau Cache fait de même après avoir montré combien il y en a.</translation>
    </message>
    <message>
        <source>Every namespace, of everyone on this server</source>
        <translation>Tous les espaces de noms, de tout le monde sur ce serveur</translation>
    </message>
    <message>
        <source>A namespace is named, and every namespace is chosen: choose one of the two.</source>
        <translation>Un espace de noms est nommé et tous sont choisis : choisissez l’un des deux.</translation>
    </message>
    <message>
        <source>Name the namespace whose results are to be deleted, or choose every namespace.</source>
        <translation>Nommez l’espace de noms dont les résultats sont à supprimer, ou choisissez-les tous.</translation>
    </message>
    <message>
        <source>Results: {count}, {size}</source>
        <translation>Résultats : {count}, {size}</translation>
    </message>
    <message>
        <source>size unknown</source>
        <translation>taille inconnue</translation>
    </message>
    <message>
        <source>There are no results here to delete.</source>
        <translation>Il n’y a ici aucun résultat à supprimer.</translation>
    </message>
    <message>
        <source>Results to delete: {count}.</source>
        <translation>Résultats à supprimer : {count}.</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modèles</translation>
    </message>
    <message>
        <source>Show the cached algorithms of QGIS in the toolbox too</source>
        <translation>Montrer aussi les algorithmes de QGIS avec cache dans la boîte à outils</translation>
    </message>
    <message>
        <source>Under “Redis Geo (cached)” the toolbox lists your models. Tick this to have QGIS's own algorithms there as well, for single runs; models and scripts can use them either way.</source>
        <translation>Sous « Redis Geo (cached) », la boîte à outils présente vos modèles. Cochez ceci pour y avoir aussi les algorithmes de QGIS, pour des exécutions isolées ; les modèles et les scripts peuvent s’en servir dans tous les cas.</translation>
    </message>
    <message>
        <source>Run models with the cache in the background (experimental)</source>
        <translation>Exécuter les modèles avec cache en arrière-plan (expérimental)</translation>
    </message>
    <message>
        <source>The window stays usable meanwhile, and the tab Models shows each step as it goes. QGIS 3.22 may end when the map is drawn or the project is changed during the run: save your work before. Without this, QGIS waits for the end of the run.</source>
        <translation>La fenêtre reste utilisable pendant ce temps, et l’onglet Modèles montre chaque étape en cours. QGIS 3.22 peut s’arrêter quand la carte est dessinée ou le projet modifié pendant l’exécution : enregistrez votre travail avant. Sans cette option, QGIS attend la fin de l’exécution.</translation>
    </message>
    <message>
        <source>A worker computes what is sent, here or elsewhere. None is there yet.</source>
        <translation>Un travailleur calcule ce qui est envoyé, ici ou ailleurs. Il n’y en a pas encore.</translation>
    </message>
    <message>
        <source>{layer} cannot be computed again: its project names no algorithm of the cache.</source>
        <translation>{layer} ne peut pas être recalculée : son projet ne nomme aucun algorithme du cache.</translation>
    </message>
</context>
</TS>
