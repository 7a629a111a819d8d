<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>RedisGeo</name>
    <message>
        <source>It makes no layer of its own.</source>
        <translation>Elle ne produit pas de couche.</translation>
    </message>
    <message>
        <source>Its results are rasters, meshes, point clouds or files, which are not cached.</source>
        <translation>Ses résultats sont des rasters, des maillages, des nuages de points ou des fichiers, qui ne sont pas mis en cache.</translation>
    </message>
    <message>
        <source>found {found}, computed {computed}</source>
        <translation>{found} trouvés, {computed} calculés</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} s</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Étape</translation>
    </message>
    <message>
        <source>Way</source>
        <translation>Mode</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>Trouvés</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>Secondes</translation>
    </message>
    <message>
        <source>Spared</source>
        <translation>Épargnées</translation>
    </message>
    <message>
        <source>not run</source>
        <translation>non exécutée</translation>
    </message>
    <message>
        <source>model</source>
        <translation>modèle</translation>
    </message>
    <message>
        <source>as a whole</source>
        <translation>en bloc</translation>
    </message>
    <message>
        <source>not cached</source>
        <translation>sans cache</translation>
    </message>
    <message>
        <source>Kept for each feature: after a change only the features that changed are computed, where computing them takes longer than reading them.</source>
        <translation>Conservé pour chaque entité : après une modification, seules les entités modifiées sont calculées, lorsque les calculer prend plus de temps que les lire.</translation>
    </message>
    <message>
        <source>Kept for each group of features: after a change only its group is computed.</source>
        <translation>Conservé pour chaque groupe d’entités : après une modification, seul son groupe est calculé.</translation>
    </message>
    <message>
        <source>Kept for each feature together with the features of the other layer that are near it: after a change in either layer only what is near the change is computed.</source>
        <translation>Conservé pour chaque entité avec les entités de l’autre couche qui l’entourent : après une modification de l’une des couches, seul ce qui entoure la modification est calculé.</translation>
    </message>
    <message>
        <source>Kept as a whole: it is computed again when anything in its layers changes.</source>
        <translation>Conservé en bloc : recalculé dès que quelque chose change dans ses couches.</translation>
    </message>
    <message>
        <source>Not cached: the algorithm of QGIS runs each time.</source>
        <translation>Sans cache : l’algorithme de QGIS est exécuté à chaque fois.</translation>
    </message>
    <message>
        <source>Steps read from the cache: {kept} of {steps}.</source>
        <translation>Étapes lues dans le cache : {kept} sur {steps}.</translation>
    </message>
    <message>
        <source>{spared} s of computing spared.</source>
        <translation>{spared} s de calcul épargnées.</translation>
    </message>
    <message>
        <source>{algorithm} (cached)</source>
        <translation>{algorithm} (avec cache)</translation>
    </message>
    <message>
        <source>Steps that were read from the cache</source>
        <translation>Étapes lues dans le cache</translation>
    </message>
    <message>
        <source>Steps in which something was computed</source>
        <translation>Étapes où quelque chose a été calculé</translation>
    </message>
    <message>
        <source>What each step read and computed</source>
        <translation>Ce que chaque étape a lu et calculé</translation>
    </message>
    <message>
        <source>{algorithm} is no longer there.</source>
        <translation>{algorithm} n’existe plus.</translation>
    </message>
    <message>
        <source>Each step of the model is read from the cache where nothing that it depends on has changed; of the others only what changed is computed, where the algorithm allows it. The model itself stays as it is. Rasters, meshes, point clouds, files and databases are made anew each time.</source>
        <translation>Chaque étape du modèle est lue dans le cache si rien de ce dont elle dépend n’a changé ; pour les autres, seul ce qui a changé est calculé, lorsque l’algorithme le permet. Le modèle lui-même reste tel quel. Rasters, maillages, nuages de points, fichiers et bases de données sont refaits à chaque fois.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modèle</translation>
    </message>
    <message>
        <source>There is no model yet. Make one in Processing ‣ Graphical Modeler and save it, among your models or in the project.</source>
        <translation>Il n’y a pas encore de modèle. Créez-en un dans Traitement ‣ Modeleur graphique et enregistrez-le, parmi vos modèles ou dans le projet.</translation>
    </message>
    <message>
        <source>Run a model…</source>
        <translation>Exécuter un modèle…</translation>
    </message>
    <message>
        <source>A model is being run. Wait for it, or cancel it in the Cache panel.</source>
        <translation>Un modèle est en cours d’exécution. Attendez la fin, ou annulez-le dans le panneau Cache.</translation>
    </message>
    <message>
        <source>Nothing more could be stored: {why}</source>
        <translation>Plus rien n’a pu être stocké : {why}</translation>
    </message>
    <message>
        <source>Asks for its parameters, then runs it: what has not changed is not computed.</source>
        <translation>Demande ses paramètres, puis l’exécute : ce qui n’a pas changé n’est pas calculé.</translation>
    </message>
    <message>
        <source>Results found: {found}, computed: {computed}.</source>
        <translation>Résultats trouvés : {found}, calculés : {computed}.</translation>
    </message>
    <message>
        <source>by feature</source>
        <translation>par entité</translation>
    </message>
    <message>
        <source>by group</source>
        <translation>par groupe</translation>
    </message>
    <message>
        <source>nearby</source>
        <translation>voisinage</translation>
    </message>
</context>
</TS>
